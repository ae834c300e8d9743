"""The report page, the cards, the costs of the rules, and the check for failed trainings."""


rule embed_networks:
    """Write the networks, and validation images to try them on, for the report page."""
    input:
        metrics=for_all(rules.train_cell.output.metrics),
        models=for_all(rules.train_cell.output.model),
        predictions=for_all(rules.predict_cell.output.validation),
        validation=for_all(rules.split_folds.output.validation),
    output:
        networks="<results>/report/networks.json",
    log:
        "<logs>/embed_networks/embed_networks.log",
    params:
        code=code("embed_networks"),
        folds=FOLDS,
        classes=CLASSES,
    shell:
        'python "$SCRIPTS/embed_networks.py" --code {params.code} --metrics {input.metrics}'
        " --folds {params.folds} --validation {input.validation}"
        " --classes={params.classes:q} --output {output.networks} &> {log}"


rule write_cards:
    """Write the model card and the data card, in Markdown."""
    input:
        **rules.describe_data.output,
        results=rules.tabulate_results.output.results,
        cells=rules.analyse_design.output.cells,
        ece=rules.tabulate_errors.output.ece,
        classes=rules.tabulate_classes.output.classes,
        config=rules.write_config.output.config,
        metrics=for_all(rules.train_cell.output.metrics),
        folds=for_all(rules.check_fold.output.check),
    output:
        model_card=result("<results>/report/model_card.md", RESULTS, "model card"),
        data_card=result("<results>/report/data_card.md", DATA, "data card"),
    log:
        "<logs>/write_cards/write_cards.log",
    params:
        code=code("write_cards"),
        templates=GIVEN.templates("*_card.md.j2"),
    shell:
        'python "$SCRIPTS/write_cards.py" --code {params.code} --results {input.results}'
        " --cells {input.cells} --ece {input.ece} --classes {input.classes}"
        " --summary {input.summary} --facts {input.facts} --config {input.config}"
        " --metrics {input.metrics} --folds {input.folds}"
        ' --model-template "$SCRIPTS/../workflow/report/model_card.md.j2"'
        ' --data-template "$SCRIPTS/../workflow/report/data_card.md.j2"'
        " --model-card {output.model_card} --data-card {output.data_card} &> {log}"


rule tabulate_costs:
    """Sum up the run time and memory of each rule, from Snakemake's benchmark files."""
    input:
        benchmarks=for_all(time_rules(workflow, f"results/{config['experiment']}")),
    output:
        costs=result("<tables>/costs.csv", PROVENANCE, "costs of the rules"),
    log:
        "<logs>/tabulate_costs/tabulate_costs.log",
    params:
        code=code("tabulate_costs"),
    shell:
        'python "$SCRIPTS/tabulate_costs.py" --code {params.code}'
        " --benchmarks {input.benchmarks} --output {output.costs} &> {log}"


rule write_report:
    """Gather everything into one self-contained page."""
    input:
        tables=[
            rules.tabulate_results.output,
            rules.tabulate_classes.output.classes,
            rules.describe_data.output.summary,
            rules.tabulate_costs.output,
            rules.analyse_design.output,
            rules.tabulate_errors.output.ece,
            rules.tabulate_errors.output.hardest,
        ],
        facts=rules.describe_data.output.facts,
        config=rules.write_config.output.config,
        metrics=for_all(rules.train_cell.output.metrics),
        submissions=for_all(
            [rules.write_submission.output.score, rules.write_ensemble.output.score]
        ),
        published=GIVEN.published("results"),
        networks=rules.embed_networks.output.networks,
        rule_graph=rules.draw_graphs.output.rule_graph,
        plots=[
            rules.plot_effects.output,
            rules.plot_results.output.learning,
            rules.plot_errors.output,
            rules.plot_data.output,
            rules.plot_augmentation.output,
        ],
        cell_plots=for_all([rules.plot_cell.output.learning, rules.plot_cell.output.confusion]),
    output:
        page=result("<results>/report/index.html", RESULTS, "everything in one page"),
    log:
        "<logs>/write_report/write_report.log",
    params:
        code=code("write_report"),
        content=GIVEN.content(GIVEN.published("results")),
        templates=[GIVEN.templates("index.html.j2"), GIVEN.templates("page/*")],
        published=option("--published", PUBLISHED),
    shell:
        'python "$SCRIPTS/write_report.py" --code {params.code} --tables {input.tables}'
        " --facts {input.facts} --config {input.config} --metrics {input.metrics}"
        " --submissions {input.submissions} {params.published} --networks {input.networks}"
        " --rule-graph {input.rule_graph} --plots {input.plots} --cell-plots {input.cell_plots}"
        ' --template "$SCRIPTS/../workflow/report/index.html.j2"'
        " --output {output.page} &> {log}"


rule check_trials:
    """Fail if a training failed or its predictions contradict it, once everything else is made."""
    input:
        metrics=for_all(rules.train_cell.output.metrics),
        predictions=for_all(rules.predict_cell.output.validation),
        page=rules.write_report.output.page,
    output:
        check="<results>/cells/check.json",
    log:
        "<logs>/check_trials/check_trials.log",
    params:
        code=code("check_trials"),
    shell:
        'python "$SCRIPTS/check_trials.py" --code {params.code} --metrics {input.metrics}'
        " --predictions {input.predictions} --output {output.check} &> {log}"
