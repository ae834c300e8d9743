"""How sure the networks are, and what they get wrong."""


rule tabulate_errors:
    """Gather calibration, confused classes and the hardest images, of the cells and the ensemble."""
    input:
        metrics=for_trials(
            "<results>/cells/layers-{layers}_nodes-{nodes}/fold-{fold}_seed-{seed}/metrics.json"
        ),
        predictions=for_trials(
            "<results>/cells/layers-{layers}_nodes-{nodes}/fold-{fold}_seed-{seed}/validation.parquet"
        ),
    output:
        calibration=report(
            "<results>/tables/calibration.csv",
            caption="../report/calibration.rst",
            category="4 Errors",
            labels={"kind": "table", "shows": "calibration: reliability curves"},
        ),
        ece=report(
            "<results>/tables/ece.csv",
            caption="../report/ece.rst",
            category="4 Errors",
            labels={"kind": "table", "shows": "calibration: errors"},
        ),
        confused=report(
            "<results>/tables/confused.csv",
            caption="../report/confused.rst",
            category="4 Errors",
            labels={"kind": "table", "shows": "confused classes"},
        ),
        hardest=report(
            "<results>/tables/hardest.csv",
            caption="../report/hardest.rst",
            category="4 Errors",
            labels={"kind": "table", "shows": "images: hardest"},
        ),
    log:
        "<results>/logs/tabulate_errors/tabulate_errors.log",
    benchmark:
        "<results>/benchmarks/tabulate_errors/tabulate_errors.tsv"
    conda:
        "../../envs/environment.yaml"
    params:
        code=code("tabulate_errors"),
        classes=CLASSES,
    shell:
        'python "$SCRIPTS/tabulate_errors.py" --code {params.code}'
        " --metrics {input.metrics}"
        " --predictions {input.predictions} --classes={params.classes:q}"
        " --calibration {output.calibration} --ece {output.ece} --confused {output.confused} --hardest {output.hardest}"
        " &> {log}"


rule plot_errors:
    """Draw reliability curves, the most confused classes and the images that are hardest."""
    input:
        calibration="<results>/tables/calibration.csv",
        ece="<results>/tables/ece.csv",
        confused="<results>/tables/confused.csv",
        hardest="<results>/tables/hardest.csv",
        images=expand("<results>/folds/fold-{fold}/validation.parquet", fold=FOLDS),
    output:
        reliability=report(
            "<results>/plots/errors/reliability.svg",
            caption="../report/reliability.rst",
            category="4 Errors",
            labels={"kind": "plot", "shows": "calibration: reliability curves"},
        ),
        confusions=report(
            "<results>/plots/errors/confusions.svg",
            caption="../report/confusions.rst",
            category="4 Errors",
            labels={"kind": "plot", "shows": "confused classes"},
        ),
        worst=report(
            "<results>/plots/errors/worst.svg",
            caption="../report/worst.rst",
            category="4 Errors",
            labels={"kind": "plot", "shows": "images: surest mistakes"},
        ),
        common=report(
            "<results>/plots/errors/common.svg",
            caption="../report/common.rst",
            category="4 Errors",
            labels={"kind": "plot", "shows": "images: wrong in every cell"},
        ),
    log:
        "<results>/logs/plot_errors/plot_errors.log",
    benchmark:
        "<results>/benchmarks/plot_errors/plot_errors.tsv"
    conda:
        "../../envs/environment.yaml"
    params:
        code=code("plot_errors"),
    shell:
        'python "$SCRIPTS/plot_errors.py" --code {params.code}'
        " --calibration {input.calibration} --ece {input.ece}"
        " --confused {input.confused} --hardest {input.hardest} --images {input.images}"
        " --reliability {output.reliability} --confusions {output.confusions}"
        " --worst {output.worst} --common {output.common} &> {log}"
