"""One training per cell, fold and seed."""


rule train_cell:
    """Train one cell of the design, once its fold has been checked for leakage."""
    input:
        tensor=on_fold(rules.augment_fold.output.tensor),
        validation=rules.split_folds.output.validation,
        check=on_fold(rules.check_fold.output.check),
    output:
        model="<results>/cells/{cell}/<trial>/model.keras",
        history="<results>/cells/{cell}/<trial>/history.csv",
        metrics="<results>/cells/{cell}/<trial>/metrics.json",
    log:
        "<logs>/train_cell/{cell}_<trial>.log",
    priority: longest_first
    threads: cores_of_a_training
    resources:
        gpu=GPUS,
        cache=config["cache"] or "",
        cache_size=config["cache_size"],
    params:
        code=lambda wildcards: code(training_program(wildcards)),
        program=training_program,
        environment=environment.recorded(),
        trial=design_of_trial,
        training=training_of,
        fresh=fresh_copies,
        classes=class_labels.count(DATASET["classes"]),
        checkpoints=f"{FOLDER}/checkpoints",
    shell:
        'python "$SCRIPTS/{params.program}.py" --code {params.code}'
        " --tensor {input.tensor} --validation {input.validation} --trial={params.trial:q}"
        " --training={params.training:q} {params.fresh} --classes {params.classes}"
        " --cache={resources.cache:q} --cache-size {resources.cache_size}"
        " --checkpoints {params.checkpoints}"
        " --model {output.model} --history {output.history} --metrics {output.metrics}"
        " &> {log}"


rule predict_cell:
    """Predict the class probabilities of a trial's validation images and of any test images."""
    input:
        model=rules.train_cell.output.model,
        validation=rules.split_folds.output.validation,
        test=expand(rules.ingest_images.output.images, part=TEST),
    output:
        validation="<results>/cells/{cell}/<trial>/validation.parquet",
        test=["<results>/cells/{cell}/<trial>/test.parquet"] * bool(TEST),
    log:
        "<logs>/predict_cell/{cell}_<trial>.log",
    params:
        code=code("predict_cell"),
    shell:
        'python "$SCRIPTS/predict_cell.py" --code {params.code}'
        " --model {input.model} --validation {input.validation} --test {input.test}"
        " --validation-output {output.validation} --test-output {output.test} &> {log}"
