# A designed experiment on images of digits: how do layers and nodes change an MLP's accuracy?
#
#   snakemake --cores 4 --resources gpu=1                                   the demo
#   snakemake --cores 4 --resources gpu=1 --configfile config/kaggle.yaml   the reference experiment
from snakemake.utils import min_version

min_version("9.17")


# A --configfile takes the place of the demo's; --config adds to what is in force.
if not workflow.overwrite_configfiles:

    configfile: f"{workflow.basedir}/config/config.yaml"


# Checks the configuration against workflow/schemas/config.schema.yaml before anything else.
include: "workflow/rules/common.smk"


report: "workflow/report/workflow.rst"


pathvars:
    results=f"results/{config['experiment']}",


include: "workflow/rules/data.smk"
include: "workflow/rules/folds.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/analyse.smk"
include: "workflow/rules/errors.smk"
include: "workflow/rules/cards.smk"
include: "workflow/rules/report.smk"


rule all:
    """The finished experiment: the report page, and everything that one would take from it."""
    default_target: True
    input:
        # What the page shows is named here as well, so that what is deleted is made again.
        rules.write_report.input,
        rules.write_report.output,
        rules.draw_graphs.output,
        rules.write_cards.output,
        rules.tabulate_classes.output,
        rules.tabulate_errors.output,
        rules.plot_results.output,
        for_trials(rules.train_cell.output),
        for_cells(rules.write_submission.output.submission),
        rules.write_ensemble.output.submission,
        rules.check_references.output,
        rules.check_trials.output,


rule dag:
    """The rule graph and the job graph, as pictures."""
    input:
        "<results>/report/rulegraph.svg",
        "<results>/report/jobgraph.svg",
