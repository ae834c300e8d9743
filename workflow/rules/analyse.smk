"""The analysis of the design: effects, comparisons, the cell to pick, and their plots."""


rule analyse_design:
    """Estimate the effects of layers and nodes, test which cells differ, and choose one."""
    input:
        results=rules.tabulate_results.output.results,
        metrics=for_all(rules.train_cell.output.metrics),
        predictions=for_all(rules.predict_cell.output.validation),
        published=GIVEN.published("results"),
    output:
        cells=result("<tables>/cells.csv", ANALYSIS, "cells: accuracy, cost, the one to pick"),
        effects=result("<tables>/effects.csv", ANALYSIS, "effects of layers and nodes"),
        comparisons=result("<tables>/comparisons.csv", ANALYSIS, "differences: tests of all pairs"),
    log:
        "<logs>/analyse_design/analyse_design.log",
    params:
        code=code("analyse_design"),
        content=GIVEN.content(GIVEN.published("results")),
        splits=config["cross_validation"]["splits"],
        published=option("--published", PUBLISHED),
    shell:
        'python "$SCRIPTS/analyse_design.py" --code {params.code} --results {input.results}'
        " --metrics {input.metrics} --predictions {input.predictions}"
        " --splits {params.splits} {params.published} --cells {output.cells}"
        " --effects {output.effects} --comparisons {output.comparisons} &> {log}"


rule plot_effects:
    """Draw effects, the differences of all pairs and to published accuracies, and accuracy by cost."""
    input:
        **rules.analyse_design.output,
    output:
        effects=result(
            "<plots>/results/effects.svg", ANALYSIS, "effects of layers and nodes", "effects_plot"
        ),
        differences=result("<plots>/results/differences.svg", ANALYSIS, "differences of all pairs"),
        cost=result("<plots>/results/cost.svg", ANALYSIS, "cost against accuracy"),
        published=[result("<plots>/results/published.svg", ANALYSIS, "published figures")]
        * bool(PUBLISHED),
    log:
        "<logs>/plot_effects/plot_effects.log",
    params:
        code=code("plot_effects"),
    shell:
        'python "$SCRIPTS/plot_effects.py" --code {params.code}'
        " --cells {input.cells} --effects {input.effects} --comparisons {input.comparisons}"
        " --effects-plot {output.effects} --differences {output.differences}"
        " --cost {output.cost} --published {output.published} &> {log}"
