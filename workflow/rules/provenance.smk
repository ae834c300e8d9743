"""Provenance of the experiment: its configuration and its graphs."""


rule write_config:
    """Write down the configuration with which the experiment is run, defaults filled in."""
    output:
        config=result("<results>/config.yaml", PROVENANCE, "configuration"),
    log:
        "<logs>/write_config/write_config.log",
    params:
        code=code("write_config"),
        config=lambda wildcards: json.dumps(config, sort_keys=True),
    shell:
        'python "$SCRIPTS/write_config.py" --code {params.code}'
        " --config={params.config:q} --output {output.config} &> {log}"


rule write_design:
    """Write down the design, by which programs find the files of all trials."""
    output:
        design="<results>/design.json",
    log:
        "<logs>/write_design/write_design.log",
    priority: FIRST
    params:
        code=code("write_design"),
        design=lambda wildcards: DESIGN.as_text(),
    shell:
        'python "$SCRIPTS/write_design.py" --code {params.code}'
        " --design={params.design:q} --output {output.design} &> {log}"


rule draw_graphs:
    """Draw the graph of the rules and the graph of the jobs."""
    input:
        config=rules.write_config.output.config,
    output:
        rule_graph=result("<results>/report/rulegraph.svg", PROVENANCE, "graph of the rules"),
        job_graph=result("<results>/report/jobgraph.svg", PROVENANCE, "graph of the jobs"),
    log:
        "<logs>/draw_graphs/draw_graphs.log",
    # It asks for the graphs of this folder; a machine without its files would draw others.
    localrule: STORED.elsewhere
    resources:
        **ASIDE,
    params:
        code=code("draw_graphs"),
        workflow=RUN.plan.workflow,
        graphviz=RUN.pins["graphviz-pure"],  # run as a program, so no import shows that it is used
    shell:
        'python "$SCRIPTS/draw_graphs.py" --code {params.code} --config {input.config}'
        " --rule-graph {output.rule_graph} --job-graph {output.job_graph} &> {log}"
