"""The program tabulate_costs."""

import tabulate_costs
from digits.core.design import Design

HEADER = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"
FILES = {
    "predict_cell/layers-2_nodes-9.tsv": "10.5\t9\t900.25\t9\t9\t9\t1\t0\t9\t9.5\n",
    "write_config/write_config.tsv": "0.1\t0:00:00\t-\t-\t-\t-\t-\t-\t-\t-\n",
    "predict_cell/layers-3_nodes-9.tsv": "2.0\t9\t800.0\t9\t9\t9\t1\t0\t9\t1.25\n",
}


def test_a_row_per_rule_sums_up_its_jobs(tmp_path):
    for name, row in FILES.items():
        path = tmp_path / "benchmarks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEADER + row)
    design = Design({"layers": (2, 3), "nodes": (9,)}, seeds=(1,)).as_text()
    given = [f"--results={tmp_path}", f"--design={design}", f"--output={tmp_path}/costs.csv"]
    tabulate_costs.main([*given, "--rules", "predict_cell", "write_config"])
    assert (tmp_path / "costs.csv").read_text() == (
        "rule,jobs,seconds,cpu_seconds,max_rss_mb\n"
        "predict_cell,2,12.5,10.75,900.25\n"
        "write_config,1,0.1,,\n"
    )
