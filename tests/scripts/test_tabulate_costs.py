"""The program tabulate_costs."""

import tabulate_costs

HEADER = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"
FILES = {
    "train_cell/layers-2.tsv": "10.5\t0:00:10\t900.25\t9\t9\t9\t1.0\t0.0\t99.0\t9.5\n",
    "write_config/write_config.tsv": "0.1\t0:00:00\t-\t-\t-\t-\t-\t-\t-\t-\n",
    "train_cell/layers-3.tsv": "2.0\t0:00:02\t800.0\t9\t9\t9\t1.0\t0.0\t99.0\t1.25\n",
}


def tabulate(folder):
    for name, row in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(HEADER + row)
    return ["--benchmarks", *(f"{folder}/{name}" for name in FILES), f"--output={folder}/costs.csv"]


def test_a_row_per_rule_sums_up_its_jobs(tmp_path):
    tabulate_costs.main(tabulate(tmp_path))
    assert (tmp_path / "costs.csv").read_text() == (
        "rule,jobs,seconds,cpu_seconds,max_rss_mb\n"
        "train_cell,2,12.5,10.75,900.25\n"
        "write_config,1,0.1,0.0,\n"
    )
