"""Stratified folds and the augmented training tensor of each."""


rule split_folds:
    """Split the training images into the two parts of a fold, as scikit-learn does."""
    input:
        images="<results>/data/train.parquet",
    output:
        train="<results>/folds/fold-{fold}/train.parquet",
        validation="<results>/folds/fold-{fold}/validation.parquet",
    log:
        "<results>/logs/split_folds/fold-{fold}.log",
    benchmark:
        "<results>/benchmarks/split_folds/fold-{fold}.tsv"
    conda:
        "../../envs/environment.yaml"
    params:
        code=code("split_folds"),
        classes=CLASSES,
        splits=config["cross_validation"]["splits"],
        seed=config["cross_validation"]["seed"],
    shell:
        'python "$SCRIPTS/split_folds.py" --code {params.code}'
        " --images {input.images} --classes={params.classes:q}"
        " --splits {params.splits} --fold {wildcards.fold} --seed {params.seed}"
        " --train {output.train} --validation {output.validation} &> {log}"


rule augment_fold:
    """Make the training tensor: the fold's training images and random affine copies of them."""
    input:
        train="<results>/folds/fold-{fold}/train.parquet",
        validation="<results>/folds/fold-{fold}/validation.parquet",
    output:
        tensor="<results>/tensors/fold-{fold}.npz",
    log:
        "<results>/logs/augment_fold/fold-{fold}.log",
    benchmark:
        "<results>/benchmarks/augment_fold/fold-{fold}.tsv"
    conda:
        "../../envs/environment.yaml"
    threads: 2
    params:
        **config["augmentation"],
        code=code("augment_fold"),
    shell:
        'python "$SCRIPTS/augment_fold.py" --code {params.code}'
        " --train {input.train}"
        " --validation {input.validation} --fold {wildcards.fold}"
        " --copies {params.copies} --translation {params.translation}"
        " --rotation {params.rotation} --zoom {params.zoom} --seed {params.seed}"
        " --output {output.tensor} &> {log}"


rule check_fold:
    """Make sure that no validation image, nor a copy of one, is in the training tensor."""
    input:
        train="<results>/folds/fold-{fold}/train.parquet",
        validation="<results>/folds/fold-{fold}/validation.parquet",
        tensor="<results>/tensors/fold-{fold}.npz",
    output:
        check="<results>/folds/fold-{fold}/check.json",
    log:
        "<results>/logs/check_fold/fold-{fold}.log",
    benchmark:
        "<results>/benchmarks/check_fold/fold-{fold}.tsv"
    conda:
        "../../envs/environment.yaml"
    params:
        code=code("check_fold"),
    shell:
        'python "$SCRIPTS/check_fold.py" --code {params.code}'
        " --train {input.train} --validation {input.validation}"
        " --tensor {input.tensor} --output {output.check} &> {log}"


rule plot_augmentation:
    """Draw what augmentation makes of one digit of each class."""
    input:
        tensor=f"<results>/tensors/fold-{FOLDS[0]}.npz",
    output:
        preview=report(
            "<results>/plots/augmentation.svg",
            caption="../report/augmentation.rst",
            category="6 Data",
            labels={"kind": "plot", "shows": "augmentation"},
        ),
    log:
        "<results>/logs/plot_augmentation/plot_augmentation.log",
    benchmark:
        "<results>/benchmarks/plot_augmentation/plot_augmentation.tsv"
    conda:
        "../../envs/environment.yaml"
    params:
        code=code("plot_augmentation"),
        copies=config["augmentation"]["copies"],
        classes=CLASSES,
    shell:
        'python "$SCRIPTS/plot_augmentation.py" --code {params.code}'
        " --tensor {input.tensor} --copies {params.copies}"
        " --classes={params.classes:q} --output {output.preview} &> {log}"
