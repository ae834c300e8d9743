"""Stratified folds and the augmented training tensor of each."""


rule split_folds:
    """Split the training images into the two parts of a fold, as scikit-learn does."""
    input:
        images=expand(rules.ingest_images.output.images, part="train"),
    output:
        train="<results>/folds/fold-{fold}/train.parquet",
        validation="<results>/folds/fold-{fold}/validation.parquet",
    log:
        "<logs>/split_folds/fold-{fold}.log",
    priority: FIRST
    params:
        code=code("split_folds"),
        classes=CLASSES,
        splits=config["cross_validation"]["splits"],
        seed=config["cross_validation"]["seed"],
    shell:
        'python "$SCRIPTS/split_folds.py" --code {params.code} --images {input.images}'
        " --classes={params.classes:q} --splits {params.splits} --fold {wildcards.fold}"
        " --seed {params.seed} --train {output.train} --validation {output.validation}"
        " &> {log}"


rule augment_fold:
    """Make the training tensor: the fold's training images and random affine copies of them."""
    input:
        **rules.split_folds.output,
    output:
        tensor="<results>/tensors/<augmentation>fold-{fold}.npz",
    log:
        "<logs>/augment_fold/<augmentation>fold-{fold}.log",
    # It uses a second core if there is one, but waits for none: a training may just have begun.
    priority: FIRST
    params:
        code=code("augment_fold"),
        augmentation=lambda wildcards: json.dumps(augmentation_of(wildcards)),
    shell:
        'python "$SCRIPTS/augment_fold.py" --code {params.code}'
        " --train {input.train} --validation {input.validation} --fold {wildcards.fold}"
        " --augmentation={params.augmentation:q} --output {output.tensor} &> {log}"


rule check_fold:
    """Make sure that no validation image, nor a copy of one, is in the training tensor."""
    input:
        **rules.split_folds.output,
        tensor=rules.augment_fold.output.tensor,
    output:
        check="<results>/folds/fold-{fold}/<augmentation>check.json",
    log:
        "<logs>/check_fold/<augmentation>fold-{fold}.log",
    priority: FIRST
    params:
        code=code("check_fold"),
    shell:
        'python "$SCRIPTS/check_fold.py" --code {params.code}'
        " --train {input.train} --validation {input.validation}"
        " --tensor {input.tensor} --output {output.check} &> {log}"


rule plot_augmentation:
    """Draw images of each class and their augmented copies."""
    input:
        tensor=for_all(rules.augment_fold.output.tensor)[0],
        validation=for_all(rules.split_folds.output.validation)[: DRAWN["mode"] == "fresh"],
    output:
        preview=result("<plots>/augmentation.svg", DATA, "augmentation"),
    log:
        "<logs>/plot_augmentation/plot_augmentation.log",
    resources:
        **ASIDE,
    params:
        code=code("plot_augmentation"),
        augmentation=json.dumps(DRAWN),
        fold=FOLDS[0],
        classes=CLASSES,
    shell:
        'python "$SCRIPTS/plot_augmentation.py" --code {params.code}'
        " --tensor {input.tensor} --validation {input.validation} --fold {params.fold}"
        " --augmentation={params.augmentation:q}"
        " --classes={params.classes:q} --output {output.preview} &> {log}"
