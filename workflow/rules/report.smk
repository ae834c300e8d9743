"""The report page, the cards, the costs of the rules, and the check for failed trainings."""


rule embed_networks:
    """Write the networks, and validation images to try them on, for the report page."""
    input:
        design=for_all(rules.write_design.output.design),
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
        results=results_folder,
        classes=CLASSES,
    shell:
        'python "$SCRIPTS/embed_networks.py" --code {params.code}'
        " --results {params.results} --design {input.design}"
        " --classes={params.classes:q} --output {output.networks} &> {log}"


rule write_cards:
    """Write the model card and the data card, in Markdown."""
    input:
        **rules.describe_data.output,
        design=for_all(rules.write_design.output.design),
        table=rules.tabulate_results.output.results,
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
        results=results_folder,
        templates=GIVEN.templates("*_card.md.j2"),
    shell:
        'python "$SCRIPTS/write_cards.py" --code {params.code} --results {params.results}'
        " --design {input.design} --table {input.table} --cells {input.cells} --ece {input.ece} --classes {input.classes}"
        " --summary {input.summary} --facts {input.facts} --config {input.config}"
        ' --model-template "$SCRIPTS/../workflow/report/model_card.md.j2"'
        ' --data-template "$SCRIPTS/../workflow/report/data_card.md.j2"'
        " --model-card {output.model_card} --data-card {output.data_card} &> {log}"


BENCHMARKS = time_rules(workflow, FOLDER)


rule tabulate_costs:
    """Sum up the run time and memory of each rule, from Snakemake's benchmark files."""
    input:
        design=for_all(rules.write_design.output.design),
        benchmarks=for_all(BENCHMARKS),
    output:
        costs=result("<tables>/costs.csv", PROVENANCE, "costs of the rules"),
    log:
        "<logs>/tabulate_costs/tabulate_costs.log",
    params:
        code=code("tabulate_costs"),
        results=results_folder,
        rules=[Path(log).relative_to(f"{FOLDER}/benchmarks").parts[0] for log in BENCHMARKS],
    shell:
        'python "$SCRIPTS/tabulate_costs.py" --code {params.code}'
        " --results {params.results} --design {input.design} --rules {params.rules}"
        " --output {output.costs} &> {log}"


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
        design=for_all(rules.write_design.output.design),
        facts=rules.describe_data.output.facts,
        config=rules.write_config.output.config,
        metrics=for_all(rules.train_cell.output.metrics),
        submissions=for_all(
            [*rules.write_submissions.output.scores, rules.write_ensemble.output.score]
            if TEST
            else []
        ),
        published=GIVEN.published("results"),
        networks=rules.embed_networks.output.networks,
        rule_graph=rules.draw_graphs.output.rule_graph,
        plots=[
            rules.plot_effects.output,
            rules.plot_results.output.learning,
            [rules.plot_results.output.accuracy] * (len(DESIGN.varied) > 2),
            rules.plot_errors.output,
            rules.plot_data.output,
            rules.plot_augmentation.output,
        ],
        cell_plots=[*rules.plot_cells.output],
    output:
        page=result("<results>/report/index.html", RESULTS, "everything in one page"),
    log:
        "<logs>/write_report/write_report.log",
    params:
        code=code("write_report"),
        results=results_folder,
        without_test=WITHOUT_TEST,
        content=GIVEN.content(GIVEN.published("results")),
        templates=[GIVEN.templates("index.html.j2"), GIVEN.templates("page/*")],
        published=option("--published", PUBLISHED),
    shell:
        'python "$SCRIPTS/write_report.py" --code {params.code} --results {params.results}'
        " --design {input.design} {params.without_test} --tables {input.tables}"
        " --facts {input.facts} --config {input.config}"
        " {params.published} --networks {input.networks}"
        " --rule-graph {input.rule_graph} --plots {input.plots}"
        ' --template "$SCRIPTS/../workflow/report/index.html.j2"'
        " --output {output.page} &> {log}"


rule check_trials:
    """Fail if a training failed or its predictions contradict it; the page is made all the same."""
    input:
        design=for_all(rules.write_design.output.design),
        metrics=for_all(rules.train_cell.output.metrics),
        predictions=for_all(rules.predict_cell.output.validation),
        costs=for_all(rules.tabulate_costs.output.costs),
    output:
        check="<results>/cells/check.json",
    log:
        "<logs>/check_trials/check_trials.log",
    priority: LAST
    params:
        code=code("check_trials"),
        results=results_folder,
    shell:
        'python "$SCRIPTS/check_trials.py" --code {params.code} --results {params.results}'
        " --design {input.design} --output {output.check} &> {log}"
