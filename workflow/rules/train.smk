"""One training per cell, fold and seed."""


rule train_cell:
    """Train one cell of the design, once the fold is known not to leak."""
    input:
        tensor="<results>/tensors/fold-{fold}.npz",
        validation="<results>/folds/fold-{fold}/validation.parquet",
        check="<results>/folds/fold-{fold}/check.json",
    output:
        model="<results>/cells/layers-{layers}_nodes-{nodes}/fold-{fold}_seed-{seed}/model.keras",
        history="<results>/cells/layers-{layers}_nodes-{nodes}/fold-{fold}_seed-{seed}/history.csv",
        metrics="<results>/cells/layers-{layers}_nodes-{nodes}/fold-{fold}_seed-{seed}/metrics.json",
    log:
        "<results>/logs/train_cell/layers-{layers}_nodes-{nodes}_fold-{fold}_seed-{seed}.log",
    benchmark:
        "<results>/benchmarks/train_cell/layers-{layers}_nodes-{nodes}_fold-{fold}_seed-{seed}.tsv"
    priority: longest_first
    conda:
        "../../envs/environment.yaml"
    threads: cores_of_a_training
    resources:
        gpu=GPUS,
        cache=config["cache"] or "",
        cache_size=config["cache_size"],
    params:
        **RECIPE,
        code=code("train_cell"),
        environment=environment.recorded(),
        classes=len(class_labels.labels_of(DATASET["classes"])),
        checkpoints=f"results/{config['experiment']}/checkpoints",
    shell:
        'python "$SCRIPTS/train_cell.py" --code {params.code}'
        " --tensor {input.tensor} --validation {input.validation}"
        " --layers {wildcards.layers} --nodes {wildcards.nodes}"
        " --fold {wildcards.fold} --seed {wildcards.seed}"
        " --classes {params.classes} --epochs {params.epochs} --batch-size {params.batch_size}"
        " --optimizer {params.optimizer} --learning-rate {params.learning_rate}"
        " --dropout {params.dropout} --patience {params.patience} --device {params.device}"
        " --cache={resources.cache:q} --cache-size {resources.cache_size}"
        " --checkpoints {params.checkpoints}"
        " --model {output.model} --history {output.history} --metrics {output.metrics}"
        " &> {log}"


rule predict_cell:
    """Predict the class probabilities of a trial's validation images and of the test images."""
    input:
        model="<results>/cells/layers-{layers}_nodes-{nodes}/fold-{fold}_seed-{seed}/model.keras",
        validation="<results>/folds/fold-{fold}/validation.parquet",
        test="<results>/data/test.parquet",
    output:
        validation="<results>/cells/layers-{layers}_nodes-{nodes}/fold-{fold}_seed-{seed}/validation.parquet",
        test="<results>/cells/layers-{layers}_nodes-{nodes}/fold-{fold}_seed-{seed}/test.parquet",
    log:
        "<results>/logs/predict_cell/layers-{layers}_nodes-{nodes}_fold-{fold}_seed-{seed}.log",
    benchmark:
        "<results>/benchmarks/predict_cell/layers-{layers}_nodes-{nodes}_fold-{fold}_seed-{seed}.tsv"
    conda:
        "../../envs/environment.yaml"
    params:
        code=code("predict_cell"),
    shell:
        'python "$SCRIPTS/predict_cell.py" --code {params.code}'
        " --model {input.model} --validation {input.validation}"
        " --test {input.test} --validation-output {output.validation}"
        " --test-output {output.test} &> {log}"
