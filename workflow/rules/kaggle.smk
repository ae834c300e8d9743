"""To Kaggle and back: the files of a competition, and the scores of submissions to it."""

if GIVEN.archive:

    # The program keeps a zip that is there and complete, also where its own code has changed.
    rule download_competition:
        """Download the files of the competition, and check their sizes and their first rows."""
        output:
            archive=local(update(GIVEN.archive)),
        log:
            "<logs>/download_competition/download_competition.log",
        priority: FIRST
        localrule: True
        params:
            code=code("download_competition"),
            competition=GIVEN.competition,
        shell:
            'python "$SCRIPTS/download_competition.py" --code {params.code}'
            " --competition={params.competition:q} --output={output.archive:q} &> {log}"


rule submit:
    """Submit each cell's file to Kaggle once, and wait for its score; no other rule asks for it."""
    input:
        ready=lambda wildcards: GIVEN.ready_to_submit(),
        design=for_all(rules.write_design.output.design),
        submissions=for_all(rules.write_submissions.output if TEST else []),
    output:
        scores="<results>/submissions/kaggle.json",
    log:
        "<logs>/submit/submit.log",
    localrule: True
    params:
        code=code("submit"),
        results=results_folder,
        competition=GIVEN.competition,
        table=GIVEN.kaggle_table(FOLDER),
    shell:
        'python "$SCRIPTS/submit.py" --code {params.code} --results {params.results}'
        " --design {input.design} --competition={params.competition:q}"
        " --table {params.table} --output {output.scores} &> {log} && cat {log}"
