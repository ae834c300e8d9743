"""From probabilities to submissions, scores, tables and plots."""

if TEST:

    rule write_submissions:
        """Write each cell's submission, by the mean of its trials' probabilities, and its score if known."""
        input:
            design=for_all(rules.write_design.output.design),
            predictions=for_all(rules.predict_cell.output.test),
            metrics=for_all(rules.train_cell.output.metrics),
            test=expand(rules.ingest_images.output.images, part=TEST),
            test_found=expand(rules.ingest_images.output.found, part=TEST),
            test_labels=GIVEN.test_labels(),
        output:
            submissions=[
                result(
                    f"<results>/submissions/Model-{model}.csv",
                    SUBMISSIONS,
                    levels_of(cell),
                    "submission",
                )
                for model, cell in DESIGN.models.items()
            ],
            scores=[f"<results>/submissions/Model-{model}.json" for model in DESIGN.models],
        log:
            "<logs>/write_submissions/write_submissions.log",
        params:
            code=code("write_submissions"),
            content=GIVEN.content(GIVEN.test_labels()),
            results=results_folder,
            ensemble="",
            classes=CLASSES,
            submission=SUBMISSION,
            test_labels=option("--test-labels", DATASET["test_labels"]),
        shell:
            'python "$SCRIPTS/write_submissions.py" --code {params.code}'
            " --results {params.results} --design {input.design} {params.ensemble}"
            " --test {input.test} --test-found {input.test_found}"
            " --submission-form={params.submission:q} --classes={params.classes:q}"
            " {params.test_labels} &> {log}"

    use rule write_submissions as write_ensemble with:
        output:
            submission=result(
                "<results>/submissions/Model-ensemble.csv", SUBMISSIONS, ALL_CELLS, "ensemble"
            ),
            score="<results>/submissions/Model-ensemble.json",
        log:
            "<logs>/write_ensemble/write_ensemble.log",
        params:
            ensemble="--ensemble",


rule tabulate_results:
    """Tabulate the trials: one row per trial, and one row per epoch."""
    input:
        design=for_all(rules.write_design.output.design),
        metrics=for_all(rules.train_cell.output.metrics),
        history=for_all(rules.train_cell.output.history),
        submissions=for_all(rules.write_submissions.output if TEST else []),
        kaggle_scores=GIVEN.kaggle_scores(FOLDER),
        scores_by_hand=GIVEN.scores_by_hand(),
    output:
        results=result("<tables>/results.csv", RESULTS, "trainings"),
        history=result("<tables>/history.csv", RESULTS, "epochs"),
    log:
        "<logs>/tabulate_results/tabulate_results.log",
    params:
        code=code("tabulate_results"),
        results=results_folder,
        without_test=WITHOUT_TEST,
        content=GIVEN.content(GIVEN.kaggle_scores(FOLDER) + GIVEN.scores_by_hand()),
        competition=option("--competition", GIVEN.competition) * bool(GIVEN.kaggle_scores(FOLDER)),
    shell:
        'python "$SCRIPTS/tabulate_results.py" --code {params.code}'
        " --results {params.results} --design {input.design} {params.without_test}"
        " --kaggle-scores {input.kaggle_scores} {params.competition}"
        " --scores-by-hand {input.scores_by_hand}"
        " --table {output.results} --history {output.history} &> {log}"


rule tabulate_classes:
    """Evaluate the trials on their validation parts, class by class."""
    input:
        design=for_all(rules.write_design.output.design),
        metrics=for_all(rules.train_cell.output.metrics),
        predictions=for_all(rules.predict_cell.output.validation),
    output:
        classes=result("<tables>/classes.csv", RESULTS, "classes"),
        confusion=result("<tables>/confusion.csv", RESULTS, "confusions", "confusion_table"),
    log:
        "<logs>/tabulate_classes/tabulate_classes.log",
    params:
        code=code("tabulate_classes"),
        results=results_folder,
        classes=CLASSES,
    shell:
        'python "$SCRIPTS/tabulate_classes.py" --code {params.code}'
        " --results {params.results} --design {input.design}"
        " --classes={params.classes:q} --class-table {output.classes}"
        " --confusion {output.confusion} &> {log}"


rule plot_cells:
    """Draw the confusion matrix and the learning curves of each cell."""
    input:
        design=for_all(rules.write_design.output.design),
        confusion=rules.tabulate_classes.output.confusion,
        history=rules.tabulate_results.output.history,
        published=GIVEN.published("history"),
    output:
        confusion=plots_of_cells("confusion", "confusion matrix"),
        learning=plots_of_cells("learning", "learning curves"),
    log:
        "<logs>/plot_cells/plot_cells.log",
    threads: min(CORES, math.ceil(len(DESIGN.cells) / CELLS_AT_ONCE))
    params:
        code=code("plot_cells"),
        content=GIVEN.content(GIVEN.published("history")),
        results=results_folder,
        published=option("--published", PUBLISHED),
    shell:
        'python "$SCRIPTS/plot_cells.py" --code {params.code}'
        " --results {params.results} --design {input.design} {params.published}"
        " --confusion-table {input.confusion} --history-table {input.history}"
        " --processes {threads} &> {log}"
