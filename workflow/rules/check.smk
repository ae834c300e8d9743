"""A look at the data before anything else; no other rule needs it."""


rule check_data:
    """Print what is in the raw files, and draw sixteen images of each class."""
    input:
        images=for_all(rules.ingest_images.output.images),
        found=for_all(rules.ingest_images.output.found),
    output:
        table="<results>/data/check.txt",
        pictures="<results>/data/check.png",
    log:
        "<logs>/check_data/check_data.log",
    params:
        code=code("check_data"),
        classes=CLASSES,
    shell:
        'python "$SCRIPTS/check_data.py" --code {params.code}'
        " --images {input.images} --found {input.found} --classes={params.classes:q}"
        " --table {output.table} --pictures {output.pictures} &> {log} && cat {output.table}"
