"""What the experiment is made of and what it cost, and the report page that gathers everything."""


rule write_config:
    """Write down the configuration with which the experiment is run, defaults filled in."""
    output:
        config=report(
            "<results>/config.yaml",
            caption="../report/configuration.rst",
            category="7 Provenance",
            labels={"kind": "file", "shows": "configuration"},
        ),
    log:
        "<results>/logs/write_config/write_config.log",
    benchmark:
        "<results>/benchmarks/write_config/write_config.tsv"
    conda:
        "../../envs/environment.yaml"
    params:
        code=code("write_config"),
        config=lambda wildcards: json.dumps(config, sort_keys=True),
    shell:
        'python "$SCRIPTS/write_config.py" --code {params.code}'
        " --config={params.config:q} --output {output.config}"
        " &> {log}"


rule draw_graphs:
    """Draw the graph of the rules and the graph of the jobs."""
    input:
        config="<results>/config.yaml",
    output:
        rule_graph=report(
            "<results>/report/rulegraph.svg",
            caption="../report/rulegraph.rst",
            category="7 Provenance",
            labels={"kind": "plot", "shows": "graph of the rules"},
        ),
        job_graph=report(
            "<results>/report/jobgraph.svg",
            caption="../report/jobgraph.rst",
            category="7 Provenance",
            labels={"kind": "plot", "shows": "graph of the jobs"},
        ),
    log:
        "<results>/logs/draw_graphs/draw_graphs.log",
    benchmark:
        "<results>/benchmarks/draw_graphs/draw_graphs.tsv"
    conda:
        "../../envs/environment.yaml"
    params:
        code=code("draw_graphs"),
        workflow=PLAN.workflow,
        graphviz=PINS["graphviz-pure"],  # a program, which no import leads to
    shell:
        'python "$SCRIPTS/draw_graphs.py" --code {params.code}'
        " --config {input.config} --rule-graph {output.rule_graph}"
        " --job-graph {output.job_graph} &> {log}"


BENCHMARKS = (
    expand("<results>/benchmarks/{step}/{step}.tsv", step=["write_config", "draw_graphs"])
    + expand("<results>/benchmarks/ingest_images/{part}.tsv", part=["train", "test"])
    + ["<results>/benchmarks/check_references/check_references.tsv"]
    + ["<results>/benchmarks/describe_data/describe_data.tsv"]
    + ["<results>/benchmarks/plot_data/plot_data.tsv"]
    + expand(
        "<results>/benchmarks/{step}/fold-{fold}.tsv",
        step=["split_folds", "augment_fold", "check_fold"],
        fold=FOLDS,
    )
    + ["<results>/benchmarks/plot_augmentation/plot_augmentation.tsv"]
    + for_trials(
        "<results>/benchmarks/train_cell/layers-{layers}_nodes-{nodes}_fold-{fold}_seed-{seed}.tsv"
    )
    + for_trials(
        "<results>/benchmarks/predict_cell/layers-{layers}_nodes-{nodes}_fold-{fold}_seed-{seed}.tsv"
    )
    + for_cells("<results>/benchmarks/write_submission/layers-{layers}_nodes-{nodes}.tsv")
    + for_cells("<results>/benchmarks/score_submission/layers-{layers}_nodes-{nodes}.tsv")
    + expand("<results>/benchmarks/{step}/{step}.tsv", step=["write_ensemble", "score_ensemble"])
    + ["<results>/benchmarks/tabulate_results/tabulate_results.tsv"]
    + ["<results>/benchmarks/tabulate_classes/tabulate_classes.tsv"]
    + expand("<results>/benchmarks/{step}/{step}.tsv", step=["tabulate_errors", "plot_errors"])
    + for_cells("<results>/benchmarks/plot_cell/layers-{layers}_nodes-{nodes}.tsv")
    + ["<results>/benchmarks/plot_results/plot_results.tsv"]
    + ["<results>/benchmarks/embed_networks/embed_networks.tsv"]
    + ["<results>/benchmarks/write_cards/write_cards.tsv"]
    + ["<results>/benchmarks/analyse_design/analyse_design.tsv"]
    + ["<results>/benchmarks/plot_effects/plot_effects.tsv"]
    + (["<results>/benchmarks/plot_published/plot_published.tsv"] if PUBLISHED else [])
)


rule tabulate_costs:
    """Sum up what each rule cost, from Snakemake's own benchmark files."""
    input:
        benchmarks=BENCHMARKS,
    output:
        costs=report(
            "<results>/tables/costs.csv",
            caption="../report/costs.rst",
            category="7 Provenance",
            labels={"kind": "table", "shows": "costs of the rules"},
        ),
    log:
        "<results>/logs/tabulate_costs/tabulate_costs.log",
    conda:
        "../../envs/environment.yaml"
    params:
        code=code("tabulate_costs"),
    shell:
        'python "$SCRIPTS/tabulate_costs.py" --code {params.code}'
        " --benchmarks {input.benchmarks} --output {output.costs}"
        " &> {log}"


rule embed_networks:
    """Write the networks, and validation images to try them on, for the report page."""
    input:
        metrics=for_trials(
            "<results>/cells/layers-{layers}_nodes-{nodes}/fold-{fold}_seed-{seed}/metrics.json"
        ),
        models=for_trials(
            "<results>/cells/layers-{layers}_nodes-{nodes}/fold-{fold}_seed-{seed}/model.keras"
        ),
        predictions=for_trials(
            "<results>/cells/layers-{layers}_nodes-{nodes}/fold-{fold}_seed-{seed}/validation.parquet"
        ),
        validation=expand("<results>/folds/fold-{fold}/validation.parquet", fold=FOLDS),
    output:
        networks="<results>/report/networks.json",
    log:
        "<results>/logs/embed_networks/embed_networks.log",
    benchmark:
        "<results>/benchmarks/embed_networks/embed_networks.tsv"
    conda:
        "../../envs/environment.yaml"
    params:
        code=code("embed_networks"),
        folds=FOLDS,
        classes=CLASSES,
    shell:
        'python "$SCRIPTS/embed_networks.py" --code {params.code}'
        " --metrics {input.metrics} --folds {params.folds}"
        " --validation {input.validation} --classes={params.classes:q} --output {output.networks}"
        " &> {log}"


SHOWN = {
    "tables": ["results", "history", "classes", "summary", "costs"]
    + ["cells", "effects", "comparisons", "ece", "hardest"],
    "plots": ["results/effects", "results/differences", "results/cost", "results/learning"]
    + (["results/published"] if PUBLISHED else [])
    + ["errors/reliability", "errors/confusions", "errors/worst", "errors/common"]
    + ["data/class_distribution", "data/sample_digits", "data/mean_digits"]
    + ["data/pixel_correlation", "augmentation"],
}


rule write_report:
    """Gather everything into one self-contained page."""
    input:
        tables=expand("<results>/tables/{table}.csv", table=SHOWN["tables"]),
        facts="<results>/data/facts.json",
        config="<results>/config.yaml",
        metrics=for_trials(
            "<results>/cells/layers-{layers}_nodes-{nodes}/fold-{fold}_seed-{seed}/metrics.json"
        ),
        submissions=for_cells("<results>/submissions/Model-{layers}L{nodes}N.json")
        + ["<results>/submissions/Model-ensemble.json"],
        published=published("results"),
        networks="<results>/report/networks.json",
        rule_graph="<results>/report/rulegraph.svg",
        plots=expand("<results>/plots/{plot}.svg", plot=SHOWN["plots"]),
        cell_plots=for_cells("<results>/plots/cells/layers-{layers}_nodes-{nodes}/learning.svg")
        + for_cells("<results>/plots/cells/layers-{layers}_nodes-{nodes}/confusion.svg"),
    output:
        page=report(
            "<results>/report/index.html",
            caption="../report/index.rst",
            category="1 Results",
            labels={"kind": "page", "shows": "everything in one page"},
        ),
    log:
        "<results>/logs/write_report/write_report.log",
    conda:
        "../../envs/environment.yaml"
    params:
        code=code("write_report"),
        content=content(published("results")),
        templates=[templates("index.html.j2"), templates("page/*")],
        published=option("--published", PUBLISHED),
    shell:
        'python "$SCRIPTS/write_report.py" --code {params.code}'
        " --tables {input.tables} --facts {input.facts}"
        " --config {input.config} --metrics {input.metrics} --submissions {input.submissions}"
        " {params.published} --networks {input.networks} --rule-graph {input.rule_graph}"
        " --plots {input.plots} --cell-plots {input.cell_plots}"
        ' --template "$SCRIPTS/../workflow/report/index.html.j2"'
        " --output {output.page} &> {log}"


rule check_trials:
    """Fail if any training did or its predictions contradict it, once everything else is there."""
    input:
        metrics=for_trials(
            "<results>/cells/layers-{layers}_nodes-{nodes}/fold-{fold}_seed-{seed}/metrics.json"
        ),
        predictions=for_trials(
            "<results>/cells/layers-{layers}_nodes-{nodes}/fold-{fold}_seed-{seed}/validation.parquet"
        ),
        page="<results>/report/index.html",
    output:
        check="<results>/cells/check.json",
    log:
        "<results>/logs/check_trials/check_trials.log",
    conda:
        "../../envs/environment.yaml"
    params:
        code=code("check_trials"),
    shell:
        'python "$SCRIPTS/check_trials.py" --code {params.code}'
        " --metrics {input.metrics} --predictions {input.predictions}"
        " --output {output.check} &> {log}"
