"""Submitting to a competition: each file once, within the limit, to the end."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from digits.data.kaggle_api import Limits, Submission
from digits.data.kaggle_errors import LimitError, UncertainError
from digits.evaluation.kaggle_scores import read_rows
from digits.evaluation.submitting import Submitting, SubmittingError

NOW = datetime(2026, 11, 28, 21, 30, tzinfo=UTC)


@dataclass
class Asked:
    """A competition that scores each submission by its number, from 101, in ten thousandths."""

    name: str = "some"
    left: int = 5
    there: list[Submission] = field(default_factory=list)
    made: list[tuple[str, str]] = field(default_factory=list)
    state: str = "complete"
    failing: dict[str, Exception] = field(default_factory=dict)
    knows_limits: bool = True

    def limits(self):
        return Limits(len(self.made), self.left) if self.knows_limits else None

    def submissions(self):
        return self.there

    def submission(self, ref):
        score = ref / 10_000 if self.state == "complete" else None
        return Submission(ref, self.state, "", score, None, "wrong header")

    def submit(self, path, description):
        if path.name in self.failing:
            raise self.failing[path.name]
        self.left -= 1
        self.made.append((path.name, description))
        ref = 100 + len(self.made)
        self.there.append(Submission(ref, "pending", description, None, NOW, ""))
        return ref


@pytest.fixture
def files(tmp_path):
    paths = [tmp_path / f"Model-{name}.csv" for name in "abc"]
    for path in paths:
        path.write_text(f"ImageId,Label\n1,{path.stem}\n")
    return paths


@pytest.fixture
def submit(tmp_path, files, monkeypatch):
    """Submit the files, and give the scores by their letters, and the lines that were said."""

    def submit(asked, given=files):
        said = []
        monkeypatch.setattr("time.sleep", lambda seconds: None)
        scores = Submitting(
            tmp_path / "tables/kaggle_scores.csv",
            "some",
            lambda: asked,
            "own",
            wait=10,
            say=said.append,
            now=lambda: NOW,
        ).submit(given)
        return {name[6]: score for name, score in scores.items()}, said

    return submit


def rows(tmp_path):
    return read_rows(tmp_path / "tables/kaggle_scores.csv")


def test_each_file_is_submitted_once_with_its_hash_and_its_score_is_kept(tmp_path, files, submit):
    asked = Asked()
    scores, said = submit(asked)
    assert scores == {"a": 0.0101, "b": 0.0102, "c": 0.0103}
    assert said[0] == "Model-a.csv: submitted"
    assert said[-1] == "Model-c.csv: public score 0.0103"
    (first, *_) = rows(tmp_path)
    assert asked.made[0] == ("Model-a.csv", f"own Model-a sha256:{first.sha256}")
    assert (first.ref, first.status, first.submitted) == (101, "complete", "2026-11-28T21:30:00Z")


def test_what_is_known_asks_nothing_of_kaggle(submit):
    submit(Asked())
    scores, said = submit(None)
    assert scores == {"a": 0.0101, "b": 0.0102, "c": 0.0103}
    assert said == []


def test_a_file_that_has_changed_is_submitted_anew_and_the_old_row_stays(tmp_path, files, submit):
    asked = Asked()
    submit(asked)
    files[1].write_text("ImageId,Label\n1,other\n")
    scores, _ = submit(asked)
    assert [name for name, _ in asked.made[3:]] == ["Model-b.csv"]
    assert scores["b"] == 0.0104
    assert len(rows(tmp_path)) == 4


def test_files_of_one_content_are_one_submission(files, submit):
    asked = Asked()
    files[2].write_bytes(files[0].read_bytes())
    scores, _ = submit(asked)
    assert len(asked.made) == 2
    assert scores == {"a": 0.0101, "b": 0.0102, "c": 0.0101}


def test_beyond_the_daily_limit_it_is_said_when_the_next_may_go_and_the_rest_is_scored(
    tmp_path, submit
):
    asked = Asked(left=2)
    with pytest.raises(SubmittingError) as raised:
        submit(asked)
    assert str(raised.value) == (
        "the daily limit of Kaggle is reached (2 submissions today); left: Model-c.csv; run again"
        " after 2026-11-29 00:00 UTC, in 2 h 30 min"
    )
    assert [row.status for row in rows(tmp_path)] == ["complete", "complete"]
    asked.left = 5
    scores, _ = submit(asked)
    assert [name for name, _ in asked.made] == ["Model-a.csv", "Model-b.csv", "Model-c.csv"]
    assert scores == {"a": 0.0101, "b": 0.0102, "c": 0.0103}


def test_a_limit_that_only_the_refusal_shows_is_told_likewise(tmp_path, submit):
    asked = Asked(knows_limits=False, failing={"Model-b.csv": LimitError("no more today")})
    with pytest.raises(
        SubmittingError, match=r"no more today; left: Model-b.csv and Model-c.csv; "
    ):
        submit(asked)
    assert [row.submission for row in rows(tmp_path)] == ["Model-a.csv"]


def test_a_submission_that_was_made_without_being_written_down_is_found_again(tmp_path, submit):
    asked = Asked()
    submit(asked)
    (tmp_path / "tables/kaggle_scores.csv").unlink()
    scores, said = submit(asked)
    assert len(asked.made) == 3
    assert scores == {"a": 0.0101, "b": 0.0102, "c": 0.0103}
    assert said[0] == "Model-a.csv: had been submitted already"


@pytest.mark.parametrize("arrived", [False, True])
def test_where_no_answer_came_kaggle_is_asked_whether_the_submission_arrived(
    tmp_path, files, submit, arrived
):
    submit(first := Asked(), files[:1])
    description = first.made[0][1]
    (tmp_path / "tables/kaggle_scores.csv").unlink()

    class Silent(Asked):
        def submit(self, path, description):
            if arrived:
                self.there.append(Submission(150, "pending", description, None, NOW, ""))
            raise UncertainError("no answer")

    if arrived:
        assert submit(Silent(), files[:1])[0] == {"a": 0.015}
    else:
        with pytest.raises(UncertainError):
            submit(Silent(), files[:1])
        assert rows(tmp_path) == []
    assert "sha256:" in description


def test_a_score_that_never_comes_is_waited_for_in_the_next_run(tmp_path, submit):
    asked = Asked(state="pending")
    with pytest.raises(SubmittingError, match=r"not scored Model-a.csv, Model-b.csv and Model-c"):
        submit(asked)
    asked.state = "complete"
    assert submit(asked)[0] == {"a": 0.0101, "b": 0.0102, "c": 0.0103}
    assert len(asked.made) == 3


def test_a_file_that_kaggle_refuses_is_told_and_not_submitted_again(tmp_path, submit):
    asked = Asked(state="error")
    for _ in range(2):
        with pytest.raises(
            SubmittingError, match=r"Model-a.csv: Kaggle could not score it \(wrong"
        ):
            submit(asked)
    assert len(asked.made) == 3
