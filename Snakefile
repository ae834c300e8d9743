# A designed experiment on images of digits: what decides the accuracy of an MLP?
#   snakemake --cores 4 --resources gpu=1 [--configfile config/kaggle.yaml]
from snakemake.utils import min_version

min_version("9.17")


# A --configfile takes the place of the demo's; --config adds to what is in force.
if not workflow.overwrite_configfiles:

    configfile: f"{workflow.basedir}/config/config.yaml"


# Checks the configuration against workflow/schemas/config.schema.yaml before anything else.
include: "workflow/rules/common.smk"


report: "workflow/report/workflow.rst"


pathvars:
    results=FOLDER,
    tables="<results>/tables",
    plots="<results>/plots",
    logs="<results>/logs",
    augmentation="{augmentation}/" * bool(DESIGN.tensors),


include: "workflow/rules/provenance.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/folds.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/errors.smk"
include: "workflow/rules/analyse.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/check.smk"
include: "workflow/rules/kaggle.smk"


complete_rules(workflow, LEVELS)


rule all:
    """The finished experiment: the report page, and everything that one would take from it."""
    default_target: True
    input:
        # What the page shows is named here as well, so that what is deleted is made again.
        rules.write_report.input,
        for_all(results_of_rules(workflow)),
        for_all(rules.train_cell.output),
        rules.check_references.output,
        rules.check_trials.output,


rule dag:
    """The rule graph and the job graph, as pictures."""
    input:
        rules.draw_graphs.output,
