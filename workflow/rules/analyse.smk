"""The analysis of the design: effects, comparisons, the cell to pick, and their plots."""


rule analyse_design:
    """Tell what layers and nodes do, which cells differ, and which one to pick."""
    input:
        results="<results>/tables/results.csv",
        metrics=for_trials(
            "<results>/cells/layers-{layers}_nodes-{nodes}/fold-{fold}_seed-{seed}/metrics.json"
        ),
        predictions=for_trials(
            "<results>/cells/layers-{layers}_nodes-{nodes}/fold-{fold}_seed-{seed}/validation.parquet"
        ),
        published=published("results"),
    output:
        cells=report(
            "<results>/tables/cells.csv",
            caption="../report/cells.rst",
            category="2 Analysis",
            labels={"kind": "table", "shows": "cells: accuracy, cost, the one to pick"},
        ),
        effects=report(
            "<results>/tables/effects.csv",
            caption="../report/effects.rst",
            category="2 Analysis",
            labels={"kind": "table", "shows": "effects of layers and nodes"},
        ),
        comparisons=report(
            "<results>/tables/comparisons.csv",
            caption="../report/comparisons.rst",
            category="2 Analysis",
            labels={"kind": "table", "shows": "differences: tests of all pairs"},
        ),
    log:
        "<results>/logs/analyse_design/analyse_design.log",
    benchmark:
        "<results>/benchmarks/analyse_design/analyse_design.tsv"
    conda:
        "../../envs/environment.yaml"
    params:
        code=code("analyse_design"),
        content=content(published("results")),
        splits=config["cross_validation"]["splits"],
        published=option("--published", PUBLISHED),
    shell:
        'python "$SCRIPTS/analyse_design.py" --code {params.code}'
        " --results {input.results} --metrics {input.metrics}"
        " --predictions {input.predictions} --splits {params.splits} {params.published}"
        " --cells {output.cells} --effects {output.effects} --comparisons {output.comparisons}"
        " &> {log}"


rule plot_effects:
    """Draw main effects and interaction, the differences of all pairs, and accuracy by cost."""
    input:
        cells="<results>/tables/cells.csv",
        effects="<results>/tables/effects.csv",
        comparisons="<results>/tables/comparisons.csv",
    output:
        effects=report(
            "<results>/plots/results/effects.svg",
            caption="../report/effects_plot.rst",
            category="2 Analysis",
            labels={"kind": "plot", "shows": "effects of layers and nodes"},
        ),
        differences=report(
            "<results>/plots/results/differences.svg",
            caption="../report/differences.rst",
            category="2 Analysis",
            labels={"kind": "plot", "shows": "differences of all pairs"},
        ),
        cost=report(
            "<results>/plots/results/cost.svg",
            caption="../report/cost.rst",
            category="2 Analysis",
            labels={"kind": "plot", "shows": "cost against accuracy"},
        ),
    log:
        "<results>/logs/plot_effects/plot_effects.log",
    benchmark:
        "<results>/benchmarks/plot_effects/plot_effects.tsv"
    conda:
        "../../envs/environment.yaml"
    params:
        code=code("plot_effects"),
    shell:
        'python "$SCRIPTS/plot_effects.py" --code {params.code}'
        " --cells {input.cells} --effects {input.effects}"
        " --comparisons {input.comparisons} --effects-plot {output.effects}"
        " --differences {output.differences} --cost {output.cost} &> {log}"


rule plot_published:
    """Draw the differences to the published accuracies; asked for only where there are any."""
    input:
        comparisons="<results>/tables/comparisons.csv",
    output:
        published=report(
            "<results>/plots/results/published.svg",
            caption="../report/published.rst",
            category="2 Analysis",
            labels={"kind": "plot", "shows": "published figures"},
        ),
    log:
        "<results>/logs/plot_published/plot_published.log",
    benchmark:
        "<results>/benchmarks/plot_published/plot_published.tsv"
    conda:
        "../../envs/environment.yaml"
    params:
        code=code("plot_published"),
    shell:
        'python "$SCRIPTS/plot_published.py" --code {params.code}'
        " --comparisons {input.comparisons}"
        " --output {output.published} &> {log}"
