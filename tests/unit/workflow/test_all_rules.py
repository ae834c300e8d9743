"""Settings that all rules get."""

from types import SimpleNamespace

from snakemake.resources import Resources

from digits.workflow import all_rules


def completed(**resources):
    rule = SimpleNamespace(resources=Resources(), output=[])
    for name, value in resources.items():
        rule.resources[name] = value
    constrain = SimpleNamespace(rules=[rule], global_wildcard_constraints=lambda **_: None)
    all_rules.complete_rules(constrain, {})
    return rule


def test_only_rules_that_claim_a_gpu_get_nvidias_libraries_from_conda():
    assert completed(gpu=1).conda_env.endswith("/envs/environment-gpu.yaml")
    assert completed(gpu=0).conda_env.endswith("/envs/environment.yaml")
    assert completed(mem_mb=100).conda_env.endswith("/envs/environment.yaml")
