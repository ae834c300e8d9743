"""The trainings of a cell, one per fold and seed, and what its networks predict."""


rule train_cell:
    """Train one cell of the design on all folds, once these have been checked for leakage."""
    input:
        tensor=on_folds(rules.augment_fold.output.tensor),
        validation=for_all(rules.split_folds.output.validation),
        check=on_folds(rules.check_fold.output.check),
    output:
        model=of_trials("model.keras"),
        history=of_trials("history.csv"),
        metrics=of_trials("metrics.json"),
    log:
        "<logs>/train_cell/{cell}.log",
    priority: longest_first
    threads: cores_of_a_cell
    resources:
        gpu=GPUS,
        mem_mb=memory_of_a_cell,
        runtime=minutes_of_a_cell,
        processes=lambda wildcards, threads: max(1, threads // CLAIMED),
        cache=config["cache"] or "",
        cache_size=config["cache_size"],
    params:
        code=lambda wildcards: code(training_program(wildcards)),
        program=training_program,
        environment=environment.recorded(),
        design=design_of_cell,
        results=results_of_cell,
        training=training_of,
        fresh=fresh_copies,
        classes=class_labels.count(DATASET["classes"]),
        checkpoints=f"{FOLDER}/checkpoints",
    shell:
        'python "$SCRIPTS/{params.program}.py" --code {params.code}'
        " --results {params.results} --design={params.design:q}"
        " --training={params.training:q} {params.fresh} --classes {params.classes}"
        " --cache={resources.cache:q} --cache-size {resources.cache_size}"
        " --checkpoints {params.checkpoints} --processes {resources.processes} &> {log}"


rule predict_cell:
    """Predict the class probabilities of a cell's validation images and of any test images."""
    input:
        model=rules.train_cell.output.model,
        validation=for_all(rules.split_folds.output.validation),
        test=expand(rules.ingest_images.output.images, part=TEST),
    output:
        validation=of_trials("validation.parquet"),
        test=of_trials("test.parquet") if TEST else [],
    log:
        "<logs>/predict_cell/{cell}.log",
    params:
        code=code("predict_cell"),
        design=design_of_cell,
        results=results_of_cell,
    shell:
        'python "$SCRIPTS/predict_cell.py" --code {params.code}'
        " --results {params.results} --design={params.design:q} --test {input.test} &> {log}"
