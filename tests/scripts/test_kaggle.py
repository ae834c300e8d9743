"""The programs that ask Kaggle, with its own package, against a stand-in for its addresses."""

import csv
import json

import pytest
from kaggle_stub import ENVIRONMENT, KEY, OTHERS, TOKEN, Answer, Kaggle, refusal, serve

import download_competition
import submit
from digits.core.design import Design
from digits.core.errors import DataError
from digits.data.kaggle_errors import KaggleError
from digits.evaluation.submitting import SubmittingError

FILES = {
    "train.csv": b"label,pixel0\r\n1,2\r\n",
    "test.csv": b"pixel0\r\n2\r\n",
    "sample_submission.csv": b"ImageId,Label\r\n1,0\r\n",
}
DESIGN = Design({"layers": (2, 5), "nodes": (8,)}, folds=(0,), seeds=(1,))
SECRETS = (KEY, TOKEN, "signature")


@pytest.fixture
def kaggle(tmp_path, monkeypatch):
    """Kaggle with three files, whose package finds credentials and waits no real time."""
    for name in OTHERS:
        monkeypatch.delenv(name, raising=False)
    state = Kaggle(files=dict(FILES))
    server = serve(state)
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.server_address[1]}")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    pytest.importorskip("kaggle", reason="make kaggle installs the package kaggle")
    from kaggle.api.kaggle_api_extended import KaggleApi

    assert KaggleApi.args == ["--local"], "the package was imported before, for the real Kaggle"
    state.pauses = []
    monkeypatch.setattr("time.sleep", state.pauses.append)
    yield state
    server.shutdown()
    server.server_close()


def download(tmp_path):
    path = tmp_path / "data/digit-recognizer.zip"
    download_competition.main(["--competition=digit-recognizer", f"--output={path}"])
    return path


def test_the_files_of_a_competition_are_downloaded_as_one_zip(tmp_path, kaggle, capsys):
    path = download(tmp_path)
    assert path.read_bytes() == kaggle.archive
    assert list(path.parent.iterdir()) == [path]
    assert kaggle.calls == ["ListDataFiles", "ListDataFiles", "DownloadDataFiles", "storage"]
    assert "3 files of 0.0 MB from digit-recognizer" in capsys.readouterr().out


def test_a_zip_that_is_there_is_kept_without_asking_kaggle(tmp_path, kaggle):
    before = download(tmp_path).stat()
    kaggle.calls.clear()
    assert download(tmp_path).stat().st_mtime_ns == before.st_mtime_ns
    assert kaggle.calls == []


def test_a_token_is_as_good_as_a_key(tmp_path, kaggle, monkeypatch):
    monkeypatch.delenv("KAGGLE_KEY")
    monkeypatch.setenv("KAGGLE_API_TOKEN", TOKEN)
    assert download(tmp_path).exists()
    assert "IntrospectToken" in kaggle.calls


def test_a_download_that_breaks_off_is_continued(tmp_path, kaggle):
    whole = kaggle.archive
    headers = {"Accept-Ranges": "bytes", "ETag": '"1"', "Content-Length": str(len(whole))}
    kaggle.faults["storage"] = [Answer(200, whole[:50], headers)]
    assert download(tmp_path).read_bytes() == whole
    assert kaggle.calls.count("storage") == 2


def test_a_download_of_other_sizes_than_listed_is_refused_and_removed(tmp_path, kaggle):
    kaggle.listed = {"train.csv": 76_775_041}
    with pytest.raises(DataError, match=r"train.csv: expected 76,775,041 bytes, as Kaggle lists"):
        download(tmp_path)
    assert [path.name for path in tmp_path.rglob("*.zip")] == []
    kaggle.listed = {}
    assert download(tmp_path).exists()


def test_a_page_in_place_of_the_zip_is_refused(tmp_path, kaggle):
    kaggle.faults["storage"] = [Answer(200, b"<html>sign in</html>")]
    with pytest.raises(DataError, match=r"the download is corrupt; run again"):
        download(tmp_path)


REFUSALS = {
    "credentials": ([refusal(401, "Unauthenticated")], "Kaggle does not accept the credentials"),
    "rules": (
        [refusal(403, "You must accept this competition's rules")],
        r"\(You must accept this competition's rules\): accept the rules of the competition at"
        " https://www.kaggle.com/competitions/digit-recognizer/rules",
    ),
    "name": ([refusal(404, "Not found")], "Kaggle knows no competition digit-recognizer"),
    "rate": (
        [refusal(429, "", Retry_After="3600")],
        "Kaggle gets too many requests: run again in 1 h 00 min",
    ),
    "down": ([refusal(503, "")] * 4, "Kaggle answers with an error 503: run again later"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_kaggle_refuses_is_told_in_one_line_with_what_to_do(tmp_path, kaggle, name):
    answers, message = REFUSALS[name]
    kaggle.faults["ListDataFiles"] = list(answers)
    with pytest.raises(KaggleError, match=message) as raised:
        download(tmp_path)
    assert "\n" not in str(raised.value)
    assert not any(secret in str(raised.value) for secret in SECRETS)


def test_a_short_rush_is_waited_for(tmp_path, kaggle):
    kaggle.faults["ListDataFiles"] = [refusal(429, "", Retry_After="7"), refusal(502, "")]
    assert download(tmp_path).exists()
    assert kaggle.pauses == [7.0, 4.0]


def test_without_a_connection_that_is_told_without_the_address(tmp_path, kaggle, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with pytest.raises(KaggleError, match=r"^Kaggle cannot be reached \(ProxyError\): check the"):
        download(tmp_path)


def test_without_credentials_they_are_asked_for_by_name_and_kaggle_is_not_asked(
    tmp_path, kaggle, monkeypatch
):
    monkeypatch.delenv("KAGGLE_KEY")
    with pytest.raises(KaggleError, match=r"set KAGGLE_API_TOKEN, or KAGGLE_USERNAME and"):
        download(tmp_path)
    monkeypatch.setenv("KAGGLE_API_TOKEN", "KGAT_wrong")
    with pytest.raises(KaggleError, match=r"does not accept the credentials: set KAGGLE_API_TOKEN"):
        download(tmp_path)
    assert set(kaggle.calls) == {"IntrospectToken"}


@pytest.fixture
def results(tmp_path):
    """The results of an experiment with submissions of two cells."""
    folder = tmp_path / "results/own"
    (folder / "submissions").mkdir(parents=True)
    (folder / "design.json").write_text(DESIGN.as_text())
    for model in DESIGN.models:
        (folder / f"submissions/Model-{model}.csv").write_text(f"ImageId,Label\n1,{model[0]}\n")
        score = json.dumps({"rows": 1, "score": None})
        (folder / f"submissions/Model-{model}.json").write_text(score)
    return folder


def submitted(results, *more):
    output = results / "submissions/kaggle.json"
    given = [f"--results={results}", f"--design={results}/design.json", f"--output={output}"]
    submit.main([*given, "--competition=digit-recognizer", *more])
    return json.loads(output.read_text())["scores"]


def rows(results):
    with (results / "tables/kaggle_scores.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_each_cell_is_submitted_once_and_has_the_score_of_its_file(results, kaggle, capsys):
    kaggle.polls = 2
    kaggle.score = lambda content: 0.9 + int(content[-2:-1]) / 100
    scores = {"Model-2L8N.csv": 0.92, "Model-5L8N.csv": 0.95}
    assert submitted(results) == scores
    assert kaggle.calls.count("CreateSubmission") == 2
    assert [row["public_score"] for row in rows(results)] == ["0.92", "0.95"]
    assert kaggle.submissions[0]["description"].startswith("own Model-5L8N sha256:")
    assert "Model-5L8N.csv: public score 0.95\n" in capsys.readouterr().out
    kaggle.calls.clear()
    assert submitted(results) == scores
    assert kaggle.calls == []


def test_a_cell_whose_trainings_all_failed_is_not_submitted(results, kaggle):
    (results / "submissions/Model-2L8N.json").write_text('{"rows": 0, "score": null}')
    assert list(submitted(results)) == ["Model-5L8N.csv"]
    (results / "submissions/Model-5L8N.json").write_text('{"rows": 0, "score": null}')
    with pytest.raises(DataError, match="all trainings failed; nothing to submit"):
        submitted(results)


def test_a_score_that_does_not_come_leaves_the_submission_for_the_next_run(results, kaggle):
    kaggle.score = lambda content: None
    with pytest.raises(SubmittingError, match=r"has not scored Model-2L8N.csv and Model-5L8N.csv"):
        submitted(results, "--wait=60")
    assert kaggle.pauses == [2, 4, 8, 16, 30]
    kaggle.score = lambda content: 0.9
    assert submitted(results) == {"Model-2L8N.csv": 0.9, "Model-5L8N.csv": 0.9}
    assert kaggle.calls.count("CreateSubmission") == 2


def test_a_broken_upload_is_made_again_and_then_told(results, kaggle):
    kaggle.faults["upload"] = [Answer(500), Answer(503)]
    assert len(submitted(results)) == 2
    kaggle.faults["upload"] = [Answer(500)] * 3
    (results / "submissions/Model-2L8N.csv").write_text("ImageId,Label\n1,7\n")
    made = kaggle.calls.count("CreateSubmission")
    with pytest.raises(KaggleError, match=r"2L8N.csv: the upload to Kaggle broke off 3 times;"):
        submitted(results)
    assert kaggle.calls.count("CreateSubmission") == made


def test_an_answer_that_is_lost_does_not_submit_a_file_twice(results, kaggle):
    create = kaggle.on_CreateSubmission

    def lost(sent):
        create(sent)
        kaggle.on_CreateSubmission = create
        return refusal(502, "Bad gateway")

    kaggle.on_CreateSubmission = lost
    assert len(submitted(results)) == 2
    assert len(kaggle.submissions) == 2


def test_the_daily_limit_ends_the_run_and_the_next_one_goes_on(results, kaggle):
    kaggle.left = 1
    with pytest.raises(SubmittingError, match=r"left: Model-5L8N.csv; run again after .* 00:00"):
        submitted(results)
    assert [row["status"] for row in rows(results)] == ["complete"]
    kaggle.left, kaggle.faults["GetSubmissionLimits"] = 0, [Answer(content={})]
    with pytest.raises(SubmittingError, match=r"no more submissions today \(Your team has used"):
        submitted(results)
    kaggle.left = 5
    assert list(submitted(results)) == ["Model-2L8N.csv", "Model-5L8N.csv"]


def test_a_submission_that_kaggle_refuses_is_told_in_its_words(results, kaggle):
    refused = {"status": "ERROR", "errorDescription": "Evaluation Exception"}
    kaggle.on_GetSubmission = lambda sent: Answer(content={"ref": sent["ref"], **refused})
    with pytest.raises(SubmittingError, match=r"2L8N.csv: Kaggle could not score it \(Evaluation"):
        submitted(results)
    assert {row["status"] for row in rows(results)} == {"error"}
