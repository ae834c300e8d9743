"""The analysis of the design: effects, comparisons, the cell to pick; plots of these and of results."""


rule analyse_design:
    """Estimate the effects of the factors, test which cells differ, and choose one."""
    input:
        design=for_all(rules.write_design.output.design),
        table=for_all(rules.tabulate_results.output.results),
        metrics=for_all(rules.train_cell.output.metrics),
        predictions=for_all(rules.predict_cell.output.validation),
        published=GIVEN.published("results"),
    output:
        cells=result("<tables>/cells.csv", ANALYSIS, "cells: accuracy, cost, the one to pick"),
        effects=result("<tables>/effects.csv", ANALYSIS, "effects of the factors"),
        comparisons=result("<tables>/comparisons.csv", ANALYSIS, "differences: tests of pairs"),
    log:
        "<logs>/analyse_design/analyse_design.log",
    params:
        code=code("analyse_design"),
        content=GIVEN.content(GIVEN.published("results")),
        results=results_folder,
        splits=config["cross_validation"]["splits"],
        margin=config["analysis"]["margin"],
        published=option("--published", PUBLISHED),
    shell:
        'python "$SCRIPTS/analyse_design.py" --code {params.code} --results {params.results}'
        " --design {input.design} --table {input.table}"
        " --splits {params.splits} --margin {params.margin} {params.published} --cells {output.cells}"
        " --effects {output.effects} --comparisons {output.comparisons} &> {log}"


rule plot_effects:
    """Draw effects, the differences of all pairs and to published accuracies, and accuracy by cost."""
    input:
        **rules.analyse_design.output,
        design=for_all(rules.write_design.output.design),
    output:
        effects=result(
            "<plots>/results/effects.svg", ANALYSIS, "effects of the factors", "effects_plot"
        ),
        differences=result("<plots>/results/differences.svg", ANALYSIS, "differences of cells"),
        cost=result("<plots>/results/cost.svg", ANALYSIS, "cost against accuracy"),
        published=[result("<plots>/results/published.svg", ANALYSIS, "published figures")]
        * bool(PUBLISHED),
    log:
        "<logs>/plot_effects/plot_effects.log",
    params:
        code=code("plot_effects"),
    shell:
        'python "$SCRIPTS/plot_effects.py" --code {params.code} --design {input.design}'
        " --cells {input.cells} --effects {input.effects} --comparisons {input.comparisons}"
        " --effects-plot {output.effects} --differences {output.differences}"
        " --cost {output.cost} --published {output.published} &> {log}"


rule plot_results:
    """Draw the accuracy and the learning curves of all cells."""
    input:
        **rules.tabulate_results.output,
        design=for_all(rules.write_design.output.design),
        cells=[rules.analyse_design.output.cells] * (len(DESIGN.varied) > 2),
        published=GIVEN.published("results", "history"),
    output:
        accuracy=result("<plots>/results/accuracy.svg", RESULTS, "accuracy of all cells"),
        learning=result(
            "<plots>/results/learning.svg",
            RESULTS,
            "learning curves of all cells",
            "learning_of_all",
        ),
    log:
        "<logs>/plot_results/plot_results.log",
    params:
        code=code("plot_results"),
        content=GIVEN.content(GIVEN.published("results", "history")),
        published=option("--published", PUBLISHED),
    shell:
        'python "$SCRIPTS/plot_results.py" --code {params.code} --design {input.design}'
        " --table {input.results} --history {input.history} --cells {input.cells}"
        " {params.published}"
        " --accuracy {output.accuracy} --learning {output.learning} &> {log}"
