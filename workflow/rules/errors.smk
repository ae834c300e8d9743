"""Calibration of the networks, and the images that they misclassify."""


rule tabulate_errors:
    """Gather calibration, confused classes and the hardest images, of the cells and the ensemble."""
    input:
        design=for_all(rules.write_design.output.design),
        metrics=for_all(rules.train_cell.output.metrics),
        predictions=for_all(rules.predict_cell.output.validation),
    output:
        calibration=result("<tables>/calibration.csv", ERRORS, "calibration: reliability curves"),
        ece=result("<tables>/ece.csv", ERRORS, "calibration: errors"),
        confused=result("<tables>/confused.csv", ERRORS, "confused classes"),
        hardest=result("<tables>/hardest.csv", ERRORS, "images: hardest"),
    log:
        "<logs>/tabulate_errors/tabulate_errors.log",
    params:
        code=code("tabulate_errors"),
        results=results_folder,
        classes=CLASSES,
    shell:
        'python "$SCRIPTS/tabulate_errors.py" --code {params.code} --results {params.results}'
        " --design {input.design} --classes={params.classes:q}"
        " --calibration {output.calibration} --ece {output.ece}"
        " --confused {output.confused} --hardest {output.hardest} &> {log}"


rule plot_errors:
    """Draw reliability curves, the most confused classes and the images that are hardest."""
    input:
        **rules.tabulate_errors.output,
        design=for_all(rules.write_design.output.design),
        images=for_all(rules.split_folds.output.validation),
    output:
        reliability=result(
            "<plots>/errors/reliability.svg", ERRORS, "calibration: reliability curves"
        ),
        confusions=result("<plots>/errors/confusions.svg", ERRORS, "confused classes"),
        worst=result("<plots>/errors/worst.svg", ERRORS, "images: most confident errors"),
        common=result("<plots>/errors/common.svg", ERRORS, "images: wrong in every cell"),
    log:
        "<logs>/plot_errors/plot_errors.log",
    params:
        code=code("plot_errors"),
        results=results_folder,
    shell:
        'python "$SCRIPTS/plot_errors.py" --code {params.code}'
        " --results {params.results} --design {input.design}"
        " --calibration {input.calibration} --ece {input.ece}"
        " --confused {input.confused} --hardest {input.hardest}"
        " --reliability {output.reliability} --confusions {output.confusions}"
        " --worst {output.worst} --common {output.common} &> {log}"
