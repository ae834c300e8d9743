"""The program describe_data."""

import hashlib
import json

import describe_data
import ingest_images

TRAIN = "label,p0,p1\n1,0,255\n0,3,4\n1,3,4\n"
TEST = "p0,p1\n3,4\n9,9\n"


def describe(folder):
    for part, content, label in (("train", TRAIN, ["--label=label"]), ("test", TEST, [])):
        source = folder / f"{part}.csv"
        source.write_text(content)
        paths = ["--source", str(source), "--output", str(folder / f"{part}.parquet")]
        ingest_images.main([*paths, "--image-shape", "1", "2", "--classes", "2", *label])
    parts = [
        argument
        for part in ("train", "test")
        for argument in (
            *(f"--{part}", str(folder / f"{part}.parquet")),
            *(f"--{part}-source", str(folder / f"{part}.csv")),
        )
    ]
    facts, summary = folder / "facts.json", folder / "tables" / "summary.csv"
    describe_data.main([*parts, "--classes=2", "--facts", str(facts), "--summary", str(summary)])
    return facts, summary


def test_the_facts_and_the_summary_are_those_of_the_files(tmp_path):
    facts, summary = describe(tmp_path)
    assert json.loads(facts.read_text()) == {
        "train": {
            "source": f"{tmp_path}/train.csv",
            "rows": 3,
            "columns": 3,
            "dtypes": {"label": "uint8", "pixels": "uint8"},
            "nulls": 0,
            "sha256": hashlib.sha256(TRAIN.encode()).hexdigest(),
            "labels": {"0": 1, "1": 2},
        },
        "test": {
            "source": f"{tmp_path}/test.csv",
            "rows": 2,
            "columns": 2,
            "dtypes": {"pixels": "uint8"},
            "nulls": 0,
            "sha256": hashlib.sha256(TEST.encode()).hexdigest(),
        },
        "image_shape": [1, 2],
        "duplicates": {"train": 1, "test": 0, "test_in_train": 1, "conflicting_labels": 2},
    }
    assert summary.read_text().splitlines() == [
        "part,label,images,mean,sd,median,ink",
        "train,0,1,3.5,0.5,3.5,1.0",
        "train,1,2,65.5,109.4178,3.5,0.75",
        "train,all,3,44.8333,93.999,3.5,0.833333",
        "test,all,2,6.25,2.7726,6.5,1.0",
    ]


def test_the_same_files_give_the_same_bytes(tmp_path):
    first = [path.read_bytes() for path in describe(tmp_path)]
    assert [path.read_bytes() for path in describe(tmp_path)] == first
