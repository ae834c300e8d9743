"""From probabilities to submissions, scores, tables and plots."""


rule write_submission:
    """Write a cell's submission, by the mean of its trials' probabilities."""
    input:
        predictions=for_cell_trials(
            "<results>/cells/layers-{layers}_nodes-{nodes}/fold-{fold}_seed-{seed}/test.parquet"
        ),
        metrics=for_cell_trials(
            "<results>/cells/layers-{layers}_nodes-{nodes}/fold-{fold}_seed-{seed}/metrics.json"
        ),
    output:
        submission=report(
            "<results>/submissions/Model-{layers}L{nodes}N.csv",
            caption="../report/submission.rst",
            category="5 Submissions",
            labels={"layers": "{layers}", "nodes": "{nodes}"},
        ),
    log:
        "<results>/logs/write_submission/layers-{layers}_nodes-{nodes}.log",
    benchmark:
        "<results>/benchmarks/write_submission/layers-{layers}_nodes-{nodes}.tsv"
    conda:
        "../../envs/environment.yaml"
    params:
        code=code("write_submission"),
        classes=CLASSES,
    shell:
        'python "$SCRIPTS/write_submission.py" --code {params.code}'
        " --predictions {input.predictions}"
        " --metrics {input.metrics} --classes={params.classes:q} --output {output.submission}"
        " &> {log}"


use rule write_submission as write_ensemble with:
    input:
        predictions=for_trials(
            "<results>/cells/layers-{layers}_nodes-{nodes}/fold-{fold}_seed-{seed}/test.parquet"
        ),
        metrics=for_trials(
            "<results>/cells/layers-{layers}_nodes-{nodes}/fold-{fold}_seed-{seed}/metrics.json"
        ),
    output:
        submission=report(
            "<results>/submissions/Model-ensemble.csv",
            caption="../report/ensemble.rst",
            category="5 Submissions",
            labels={"layers": "all"},
        ),
    log:
        "<results>/logs/write_ensemble/write_ensemble.log",
    benchmark:
        "<results>/benchmarks/write_ensemble/write_ensemble.tsv"


rule score_submission:
    """Check a submission against the test set; score it where the true labels are known."""
    input:
        submission="<results>/submissions/Model-{layers}L{nodes}N.csv",
        test="<results>/data/test.parquet",
        test_labels=test_labels(),
    output:
        score="<results>/submissions/Model-{layers}L{nodes}N.json",
    log:
        "<results>/logs/score_submission/layers-{layers}_nodes-{nodes}.log",
    benchmark:
        "<results>/benchmarks/score_submission/layers-{layers}_nodes-{nodes}.tsv"
    conda:
        "../../envs/environment.yaml"
    params:
        code=code("score_submission"),
        content=content(test_labels()),
        cell="--layers {layers} --nodes {nodes}",
        classes=CLASSES,
        test_labels=lambda wildcards, input: option("--test-labels", input.test_labels),
    shell:
        'python "$SCRIPTS/score_submission.py" --code {params.code}'
        " --submission {input.submission} --test {input.test}"
        " {params.cell} --classes={params.classes:q} {params.test_labels}"
        " --output {output.score} &> {log}"


use rule score_submission as score_ensemble with:
    input:
        submission="<results>/submissions/Model-ensemble.csv",
        test="<results>/data/test.parquet",
        test_labels=test_labels(),
    output:
        score="<results>/submissions/Model-ensemble.json",
    log:
        "<results>/logs/score_ensemble/score_ensemble.log",
    benchmark:
        "<results>/benchmarks/score_ensemble/score_ensemble.tsv"
    params:
        cell="",


rule tabulate_results:
    """Gather the trials: a row each, and a row per epoch of each."""
    input:
        metrics=for_trials(
            "<results>/cells/layers-{layers}_nodes-{nodes}/fold-{fold}_seed-{seed}/metrics.json"
        ),
        history=for_trials(
            "<results>/cells/layers-{layers}_nodes-{nodes}/fold-{fold}_seed-{seed}/history.csv"
        ),
        scores=for_cells("<results>/submissions/Model-{layers}L{nodes}N.json"),
    output:
        results=report(
            "<results>/tables/results.csv",
            caption="../report/results.rst",
            category="1 Results",
            labels={"kind": "table", "shows": "trainings"},
        ),
        history=report(
            "<results>/tables/history.csv",
            caption="../report/history.rst",
            category="1 Results",
            labels={"kind": "table", "shows": "epochs"},
        ),
    log:
        "<results>/logs/tabulate_results/tabulate_results.log",
    benchmark:
        "<results>/benchmarks/tabulate_results/tabulate_results.tsv"
    conda:
        "../../envs/environment.yaml"
    params:
        code=code("tabulate_results"),
    shell:
        'python "$SCRIPTS/tabulate_results.py" --code {params.code}'
        " --metrics {input.metrics} --history {input.history}"
        " --scores {input.scores} --results {output.results} --histories {output.history}"
        " &> {log}"


rule tabulate_classes:
    """Evaluate the trials on their validation parts, class by class."""
    input:
        metrics=for_trials(
            "<results>/cells/layers-{layers}_nodes-{nodes}/fold-{fold}_seed-{seed}/metrics.json"
        ),
        predictions=for_trials(
            "<results>/cells/layers-{layers}_nodes-{nodes}/fold-{fold}_seed-{seed}/validation.parquet"
        ),
    output:
        classes=report(
            "<results>/tables/classes.csv",
            caption="../report/classes.rst",
            category="1 Results",
            labels={"kind": "table", "shows": "classes"},
        ),
        confusion=report(
            "<results>/tables/confusion.csv",
            caption="../report/confusion_table.rst",
            category="1 Results",
            labels={"kind": "table", "shows": "confusions"},
        ),
    log:
        "<results>/logs/tabulate_classes/tabulate_classes.log",
    benchmark:
        "<results>/benchmarks/tabulate_classes/tabulate_classes.tsv"
    conda:
        "../../envs/environment.yaml"
    params:
        code=code("tabulate_classes"),
        classes=CLASSES,
    shell:
        'python "$SCRIPTS/tabulate_classes.py" --code {params.code}'
        " --metrics {input.metrics}"
        " --predictions {input.predictions} --classes={params.classes:q}"
        " --class-table {output.classes} --confusion {output.confusion} &> {log}"


rule plot_cell:
    """Draw a cell's confusion matrix and learning curves."""
    input:
        confusion="<results>/tables/confusion.csv",
        history="<results>/tables/history.csv",
        published=published("history"),
    output:
        confusion=report(
            "<results>/plots/cells/layers-{layers}_nodes-{nodes}/confusion.svg",
            caption="../report/confusion.rst",
            category="3 Cells",
            labels={"layers": "{layers}", "nodes": "{nodes}", "plot": "confusion matrix"},
        ),
        learning=report(
            "<results>/plots/cells/layers-{layers}_nodes-{nodes}/learning.svg",
            caption="../report/learning.rst",
            category="3 Cells",
            labels={"layers": "{layers}", "nodes": "{nodes}", "plot": "learning curves"},
        ),
    log:
        "<results>/logs/plot_cell/layers-{layers}_nodes-{nodes}.log",
    benchmark:
        "<results>/benchmarks/plot_cell/layers-{layers}_nodes-{nodes}.tsv"
    conda:
        "../../envs/environment.yaml"
    params:
        code=code("plot_cell"),
        content=content(published("history")),
        published=option("--published", PUBLISHED),
    shell:
        'python "$SCRIPTS/plot_cell.py" --code {params.code}'
        " --confusion-table {input.confusion}"
        " --history-table {input.history} --layers {wildcards.layers} --nodes {wildcards.nodes}"
        " {params.published} --confusion {output.confusion} --learning {output.learning}"
        " &> {log}"


rule plot_results:
    """Draw the accuracy and the learning of the cells."""
    input:
        results="<results>/tables/results.csv",
        history="<results>/tables/history.csv",
        published=published("results", "history"),
    output:
        accuracy=report(
            "<results>/plots/results/accuracy.svg",
            caption="../report/accuracy.rst",
            category="1 Results",
            labels={"kind": "plot", "shows": "accuracy by layers and nodes"},
        ),
        learning=report(
            "<results>/plots/results/learning.svg",
            caption="../report/learning_of_all.rst",
            category="1 Results",
            labels={"kind": "plot", "shows": "learning curves of all cells"},
        ),
    log:
        "<results>/logs/plot_results/plot_results.log",
    benchmark:
        "<results>/benchmarks/plot_results/plot_results.tsv"
    conda:
        "../../envs/environment.yaml"
    params:
        code=code("plot_results"),
        content=content(published("results", "history")),
        published=option("--published", PUBLISHED),
    shell:
        'python "$SCRIPTS/plot_results.py" --code {params.code}'
        " --results {input.results} --history {input.history}"
        " {params.published} --accuracy {output.accuracy} --learning {output.learning}"
        " &> {log}"
