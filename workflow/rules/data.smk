"""From raw CSVs to checked Parquet, and what is in them."""

if DATASET["source"] == "demo":

    rule make_demo:
        """Write the demo: scikit-learn's bundled handwritten digits as Kaggle-style CSVs."""
        output:
            train=DATASET["train"],
            test=DATASET["test"],
            test_labels=DATASET["test_labels"],
        log:
            "<results>/logs/make_demo/make_demo.log",
        benchmark:
            "<results>/benchmarks/make_demo/make_demo.tsv"
        conda:
            "../../envs/environment.yaml"
        params:
            code=code("make_demo"),
        shell:
            'python "$SCRIPTS/make_demo.py" --code {params.code}'
            " --train={output.train:q} --test={output.test:q}"
            " --test-labels={output.test_labels:q} &> {log}"


rule ingest_images:
    """Check a raw CSV, row by row, and store it as Parquet."""
    input:
        raw=lambda wildcards: raw_file(wildcards.part),
    output:
        images="<results>/data/{part}.parquet",
    log:
        "<results>/logs/ingest_images/{part}.log",
    benchmark:
        "<results>/benchmarks/ingest_images/{part}.tsv"
    priority: FIRST
    conda:
        "../../envs/environment.yaml"
    threads: 2
    params:
        code=code("ingest_images"),
        source=lambda wildcards: raw_source(wildcards.part),
        content=lambda wildcards: raw_content(wildcards.part),
        label=option("--label", DATASET["label"]),
        test=lambda wildcards: "--test" * (wildcards.part == "test"),
        image_shape=DATASET["image_shape"],
        classes=CLASSES,
    shell:
        'python "$SCRIPTS/ingest_images.py" --code {params.code}'
        " --source={params.source:q} {params.label}"
        " {params.test} --image-shape {params.image_shape} --classes={params.classes:q}"
        " --content={params.content:q} --output {output.images} &> {log}"


rule check_references:
    """Check what the results will be compared with, before anything is trained."""
    input:
        test="<results>/data/test.parquet",
        test_labels=test_labels(),
        published=published("results", "history"),
    output:
        check="<results>/data/references.json",
    log:
        "<results>/logs/check_references/check_references.log",
    benchmark:
        "<results>/benchmarks/check_references/check_references.tsv"
    # Trainings do not wait for it, lest a new label trains them anew; it goes first instead.
    priority: FIRST
    conda:
        "../../envs/environment.yaml"
    params:
        code=code("check_references"),
        content=[content(test_labels()), content(published("results", "history"))],
        classes=CLASSES,
        test_labels=lambda wildcards, input: option("--test-labels", input.test_labels),
        published=option("--published", PUBLISHED),
    shell:
        'python "$SCRIPTS/check_references.py" --code {params.code}'
        " --test {input.test} {params.test_labels}"
        " {params.published} --classes={params.classes:q} --output {output.check} &> {log}"


rule describe_data:
    """State the facts of the data: sizes, types, checksums, label counts, duplicates, statistics."""
    input:
        train="<results>/data/train.parquet",
        test="<results>/data/test.parquet",
        train_raw=lambda wildcards: raw_file("train"),
        test_raw=lambda wildcards: raw_file("test"),
    output:
        facts="<results>/data/facts.json",
        summary=report(
            "<results>/tables/summary.csv",
            caption="../report/summary.rst",
            category="6 Data",
            labels={"kind": "table", "shows": "images in figures"},
        ),
    log:
        "<results>/logs/describe_data/describe_data.log",
    benchmark:
        "<results>/benchmarks/describe_data/describe_data.tsv"
    conda:
        "../../envs/environment.yaml"
    params:
        code=code("describe_data"),
        classes=CLASSES,
        train_source=lambda wildcards: raw_source("train"),
        test_source=lambda wildcards: raw_source("test"),
        content=lambda wildcards: [raw_content("train"), raw_content("test")],
    shell:
        'python "$SCRIPTS/describe_data.py" --code {params.code}'
        " --train {input.train} --test {input.test}"
        " --train-source={params.train_source:q} --test-source={params.test_source:q}"
        " --classes={params.classes:q} --facts {output.facts} --summary {output.summary} &> {log}"


rule plot_data:
    """Draw the training images: how many of each class, what they look like, how pixels go together."""
    input:
        train="<results>/data/train.parquet",
    output:
        class_distribution=report(
            "<results>/plots/data/class_distribution.svg",
            caption="../report/class_distribution.rst",
            category="6 Data",
            labels={"kind": "plot", "shows": "class distribution"},
        ),
        pixel_correlation=report(
            "<results>/plots/data/pixel_correlation.svg",
            caption="../report/pixel_correlation.rst",
            category="6 Data",
            labels={"kind": "plot", "shows": "pixel correlation"},
        ),
        sample_digits=report(
            "<results>/plots/data/sample_digits.svg",
            caption="../report/sample_digits.rst",
            category="6 Data",
            labels={"kind": "plot", "shows": "sample digits"},
        ),
        mean_digits=report(
            "<results>/plots/data/mean_digits.svg",
            caption="../report/mean_digits.rst",
            category="6 Data",
            labels={"kind": "plot", "shows": "mean digits"},
        ),
    log:
        "<results>/logs/plot_data/plot_data.log",
    benchmark:
        "<results>/benchmarks/plot_data/plot_data.tsv"
    conda:
        "../../envs/environment.yaml"
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
