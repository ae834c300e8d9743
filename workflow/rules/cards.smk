"""The experiment in words: a model card and a data card."""


rule write_cards:
    """Write the model card and the data card, in Markdown."""
    input:
        results="<results>/tables/results.csv",
        cells="<results>/tables/cells.csv",
        ece="<results>/tables/ece.csv",
        classes="<results>/tables/classes.csv",
        summary="<results>/tables/summary.csv",
        facts="<results>/data/facts.json",
        config="<results>/config.yaml",
        metrics=for_trials(
            "<results>/cells/layers-{layers}_nodes-{nodes}/fold-{fold}_seed-{seed}/metrics.json"
        ),
        folds=expand("<results>/folds/fold-{fold}/check.json", fold=FOLDS),
    output:
        model_card=report(
            "<results>/report/model_card.md",
            caption="../report/model_card.rst",
            category="1 Results",
            labels={"kind": "text", "shows": "model card"},
        ),
        data_card=report(
            "<results>/report/data_card.md",
            caption="../report/data_card.rst",
            category="6 Data",
            labels={"kind": "text", "shows": "data card"},
        ),
    log:
        "<results>/logs/write_cards/write_cards.log",
    benchmark:
        "<results>/benchmarks/write_cards/write_cards.tsv"
    conda:
        "../../envs/environment.yaml"
    params:
        code=code("write_cards"),
        templates=templates("*_card.md.j2"),
    shell:
        'python "$SCRIPTS/write_cards.py" --code {params.code}'
        " --results {input.results} --cells {input.cells}"
        " --ece {input.ece} --classes {input.classes} --summary {input.summary}"
        " --facts {input.facts} --config {input.config}"
        " --metrics {input.metrics} --folds {input.folds}"
        ' --model-template "$SCRIPTS/../workflow/report/model_card.md.j2"'
        ' --data-template "$SCRIPTS/../workflow/report/data_card.md.j2"'
        " --model-card {output.model_card} --data-card {output.data_card} &> {log}"
