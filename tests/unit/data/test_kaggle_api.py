"""Asking Kaggle: what has to be there first, and what an error means."""

import pytest
import requests

from digits.data import kaggle_api
from digits.data.kaggle_errors import (
    KaggleError,
    LimitError,
    UncertainError,
    in_one_line,
    may_pass,
    pause_after,
)

VARIABLES = ("KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY", "KAGGLE_CONFIG_DIR")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home folder without credentials, where the package is installed."""
    for name in (*VARIABLES, "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(kaggle_api, "find_spec", lambda name: name)
    return tmp_path


def test_the_package_is_asked_for_first_with_six_which_it_needs(home, monkeypatch):
    monkeypatch.setattr(kaggle_api, "find_spec", lambda name: None if name == "six" else name)
    assert kaggle_api.lacking().startswith("run `make kaggle` first")


@pytest.mark.parametrize(
    ("variables", "file", "enough"),
    [
        ({}, None, False),
        ({"KAGGLE_USERNAME": "ann"}, None, False),
        ({"KAGGLE_USERNAME": "ann", "KAGGLE_KEY": ""}, None, False),
        ({"KAGGLE_USERNAME": "ann", "KAGGLE_KEY": "1"}, None, True),
        ({"KAGGLE_API_TOKEN": "1"}, None, True),
        ({}, ".kaggle/kaggle.json", True),
        ({}, ".kaggle/access_token", True),
        ({}, ".config/kaggle/kaggle.json", True),
        ({"XDG_CONFIG_HOME": "~/xdg"}, "xdg/kaggle/kaggle.json", True),
        ({"KAGGLE_CONFIG_DIR": "~/own"}, "own/kaggle.json", True),
        ({}, "own/kaggle.json", False),
    ],
)
def test_credentials_are_looked_for_where_the_package_finds_them(
    home, monkeypatch, variables, file, enough
):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    if file:
        (home / file).parent.mkdir(parents=True)
        (home / file).touch()
    lacking = kaggle_api.lacking()
    assert (lacking is None) == enough
    assert enough or lacking.startswith("set KAGGLE_API_TOKEN, or KAGGLE_USERNAME and KAGGLE_KEY")


def refused(state, message="", **headers):
    response = requests.Response()
    response.status_code = state
    response._content = f'{{"message": "{message}"}}'.encode()
    response.headers.update(headers)
    return requests.HTTPError(f"{state} for url: https://host/?signature=secret", response=response)


@pytest.mark.parametrize(
    ("error", "kind", "line"),
    [
        (
            refused(400, "daily limit"),
            LimitError,
            "Kaggle accepts no more submissions today (",
        ),
        (refused(400, "no\\nsuch"), KaggleError, "Kaggle answers with an error 400 (no such): run"),
        (refused(500), UncertainError, "Kaggle answers with an error 500: run again later"),
        (
            requests.ConnectTimeout("secret"),
            UncertainError,
            "Kaggle cannot be reached (ConnectT",
        ),
        (
            SystemExit(1),
            KaggleError,
            "Kaggle does not accept the credentials: set KAGGLE",
        ),
        (
            ValueError("odd\nhttps://a/?secret"),
            UncertainError,
            "the package kaggle failed (ValueError: odd …)",
        ),
    ],
)
def test_an_error_of_a_submission_is_one_line_without_the_address(error, kind, line):
    found = in_one_line(error, "some", once=True)
    assert type(found) is kind
    assert str(found).startswith(line)
    assert "secret" not in str(found)


def test_only_what_has_done_nothing_is_asked_again():
    lost = requests.ConnectionError()
    assert may_pass(lost, once=False)
    assert not may_pass(lost, once=True)
    assert may_pass(refused(429), once=True)
    assert may_pass(refused(503), once=False)
    assert not may_pass(refused(503), once=True)
    assert not may_pass(refused(403), once=False)


def test_it_waits_as_long_as_kaggle_says_or_else_longer_each_time():
    said = refused(429, **{"Retry-After": "17"})
    assert [pause_after(said, attempt) for attempt in (1, 2)] == [17, 17]
    assert [pause_after(refused(503), attempt) for attempt in (1, 2, 3)] == [2, 4, 8]
