"""From raw CSVs to checked Parquet, and what is in them."""

if DATASET["source"] == "demo":

    rule make_demo:
        """Write the demo: scikit-learn's bundled handwritten digits as Kaggle-style CSVs."""
        output:
            train=local(DATASET["train"]),
            test=local(DATASET["test"]),
            test_labels=local(DATASET["test_labels"]),
        log:
            "<logs>/make_demo/make_demo.log",
        params:
            code=code("make_demo"),
        shell:
            'python "$SCRIPTS/make_demo.py" --code {params.code}'
            " --train={output.train:q} --test={output.test:q}"
            " --test-labels={output.test_labels:q} &> {log}"


rule ingest_images:
    """Check raw files, value by value and as a whole, and store the images as Parquet."""
    input:
        raw=lambda wildcards: GIVEN.raw_files(wildcards.part),
    output:
        images="<results>/data/{part}.parquet",
        found="<results>/data/{part}.json",
    log:
        "<logs>/ingest_images/{part}.log",
    priority: train_first
    threads: cores_of_raw_files
    params:
        code=code("ingest_images"),
        dataset=lambda wildcards: GIVEN.description(wildcards.part),
        content=lambda wildcards: GIVEN.raw_content(wildcards.part),
        demo=GIVEN.demo_content(),
    shell:
        'python "$SCRIPTS/ingest_images.py" --code {params.code}'
        " --dataset={params.dataset:q} --content={params.content:q}"
        " --output {output.images} --found {output.found} &> {log}"


if DATASET["test_share"]:

    rule split_test:
        """Hold out a test set, stratified by class; the other images are those to train on."""
        input:
            images=expand(rules.ingest_images.output.images, part="whole"),
            found=expand(rules.ingest_images.output.found, part="whole"),
        output:
            train="<results>/data/train.parquet",
            test="<results>/data/test.parquet",
            train_found="<results>/data/train.json",
            test_found="<results>/data/test.json",
        log:
            "<logs>/split_test/split_test.log",
        priority: FIRST
        params:
            code=code("split_test"),
            classes=CLASSES,
            share=DATASET["test_share"],
            seed=config["cross_validation"]["seed"],
        shell:
            'python "$SCRIPTS/split_test.py" --code {params.code}'
            " --images {input.images} --found {input.found} --classes={params.classes:q}"
            " --share {params.share} --seed {params.seed}"
            " --train {output.train} --test {output.test}"
            " --train-found {output.train_found} --test-found {output.test_found} &> {log}"


rule check_references:
    """Check what the results will be compared with, before anything is trained."""
    input:
        test=expand(rules.ingest_images.output.images, part=TEST),
        test_found=expand(rules.ingest_images.output.found, part=TEST),
        test_labels=GIVEN.test_labels(),
        sample=GIVEN.sample_submission(),
        scores_by_hand=GIVEN.scores_by_hand(),
        published=GIVEN.published("results", "history"),
    output:
        check="<results>/data/references.json",
    log:
        "<logs>/check_references/check_references.log",
    # Not an input of trainings, which a new label would then rerun; its priority makes it go first.
    priority: FIRST
    params:
        code=code("check_references"),
        content=GIVEN.content(
            GIVEN.test_labels()
            + GIVEN.sample_submission()
            + GIVEN.scores_by_hand()
            + GIVEN.published("results", "history")
        ),
        classes=CLASSES,
        submission=SUBMISSION,
        sample=option("--sample", DATASET["submission"]["sample"]),
        test_labels=option("--test-labels", DATASET["test_labels"]),
        scores_by_hand=option("--scores-by-hand", GIVEN.by_hand),
        published=option("--published", PUBLISHED),
    shell:
        'python "$SCRIPTS/check_references.py" --code {params.code}'
        " --test {input.test} --test-found {input.test_found} {params.test_labels} {params.sample}"
        " --submission-form={params.submission:q}"
        " {params.scores_by_hand} {params.published} --classes={params.classes:q}"
        " --output {output.check} &> {log}"


rule describe_data:
    """Summarise the data: sizes, types, checksums, label counts, duplicates, statistics."""
    input:
        train=expand(rules.ingest_images.output.images, part="train"),
        test=expand(rules.ingest_images.output.images, part=TEST),
        train_found=expand(rules.ingest_images.output.found, part="train"),
        test_found=expand(rules.ingest_images.output.found, part=TEST),
    output:
        facts="<results>/data/facts.json",
        summary=result("<tables>/summary.csv", DATA, "images in figures"),
    log:
        "<logs>/describe_data/describe_data.log",
    resources:
        **ASIDE,
    params:
        code=code("describe_data"),
        classes=CLASSES,
    shell:
        'python "$SCRIPTS/describe_data.py" --code {params.code}'
        " --train {input.train} --test {input.test}"
        " --train-found {input.train_found} --test-found {input.test_found}"
        " --classes={params.classes:q} --facts {output.facts} --summary {output.summary} &> {log}"


rule plot_data:
    """Draw the training images: class counts, samples, class means, pixel correlations."""
    input:
        train=expand(rules.ingest_images.output.images, part="train"),
    output:
        class_distribution=result("<plots>/data/class_distribution.svg", DATA, "class distribution"),
        pixel_correlation=result("<plots>/data/pixel_correlation.svg", DATA, "pixel correlation"),
        sample_digits=result("<plots>/data/sample_digits.svg", DATA, "sample digits"),
        mean_digits=result("<plots>/data/mean_digits.svg", DATA, "mean digits"),
    log:
        "<logs>/plot_data/plot_data.log",
    resources:
        **ASIDE,
    params:
        code=code("plot_data"),
        classes=CLASSES,
    shell:
        'python "$SCRIPTS/plot_data.py" --code {params.code}'
        " --train {input.train} --classes={params.classes:q}"
        " --class-distribution {output.class_distribution}"
        " --pixel-correlation {output.pixel_correlation}"
        " --sample-digits {output.sample_digits} --mean-digits {output.mean_digits}"
        " &> {log}"
