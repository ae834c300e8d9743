"""The program describe_data."""

import hashlib
import json

import describe_data
import ingest_images

TRAIN = "label,p0,p1\n1,0,255\n0,3,4\n1,3,4\n"
TEST = "p0,p1\n3,4\n9,9\n"


def describe(folder):
    for part, content in (("train", TRAIN), ("test", TEST)):
        source = folder / f"{part}.csv"
        source.write_text(content)
        keys = {"part": part, "image_shape": [1, 2], "classes": 2}
        dataset = json.dumps({"files": [str(source)]} | keys)
        outputs = [f"--output={folder}/{part}.parquet", f"--found={folder}/{part}.json"]
        ingest_images.main([f"--dataset={dataset}", *outputs])
    parts = [
        argument
        for part in ("train", "test")
        for argument in (
            *(f"--{part}", str(folder / f"{part}.parquet")),
            *(f"--{part}-found", str(folder / f"{part}.json")),
        )
    ]
    facts, summary = folder / "facts.json", folder / "tables" / "summary.csv"
    describe_data.main([*parts, "--classes=2", "--facts", str(facts), "--summary", str(summary)])
    return facts, summary


def test_the_facts_and_the_summary_are_those_of_the_files(tmp_path):
    facts, summary = describe(tmp_path)
    found = json.loads(facts.read_text())
    for part, low, high in (("train", 0, 255), ("test", 3, 9)):
        assert (found[part]["observed"]["low"], found[part]["observed"]["high"]) == (low, high)
        assert (found[part].pop("format"), found[part].pop("notes")) == ("CSV", [])
        del found[part]["observed"]
    assert found == {
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
