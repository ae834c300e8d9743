"""The storage's errors in one line."""

from types import SimpleNamespace

import pytest

from digits.workflow import storage_errors
from digits.core.errors import DigitsError

OBJECT = "s3://bucket/ann/results/demo/design.json"
GONE = 'EndpointConnectionError: Could not connect to the endpoint URL: "http://127.0.0.1:9/bucket"'
REFUSED = "ClientError: An error occurred (403) when calling the HeadObject operation: Forbidden"


@pytest.mark.parametrize(
    ("action", "error", "expected"),
    [
        ("Failed to check existence of", GONE, "it does not answer"),
        ("Failed to store output in storage", GONE, "it does not answer"),
        ("Failed to get mtime of", REFUSED, "access denied"),
        ("Failed to retrieve storage object from", "Error: (SignatureDoesNotMatch)", "credentials"),
        ("Failed to store output in storage", "Error: (NoSuchBucket) when", "no such bucket"),
        ("Failed to remove storage object", "TypeError: odd", "TypeError: odd"),
    ],
)
def test_an_error_of_the_storage_names_the_object_and_what_is_wrong(action, error, expected):
    text = f"WorkflowError:\n{action} {OBJECT}\n{error}"
    described = storage_errors.describe(text)
    assert described.startswith(f"{OBJECT}: ")
    assert expected in described
    assert "\n" not in described


@pytest.mark.parametrize(
    "text",
    ["MissingInputException:\nMissing input files: raw.csv", "Failed to open source file a.smk"],
)
def test_other_errors_are_not_the_storage_s(text):
    assert storage_errors.describe(text) is None


def test_an_error_that_snakemake_lets_pass_names_the_address():
    text = f"Traceback:\n  site-packages/botocore/httpsession.py\n\nbotocore.exceptions.{GONE}"
    assert storage_errors.describe(text).startswith("http://127.0.0.1:9/bucket: it does not answer")
    unknown = "Traceback:\n  s3transfer/futures.py\nRuntimeError: cannot schedule new futures"
    line = "object storage: RuntimeError: cannot schedule new futures"
    assert storage_errors.describe(unknown) == line


class AnsweredError(Exception):
    def __init__(self, code):
        super().__init__(f"An error occurred ({code}) when calling the HeadBucket operation: ?")
        self.response = {"Error": {"Code": code}}


def workflow(head, prefix="s3://bucket/ann", endpoint="http://127.0.0.1:9"):
    client = SimpleNamespace(head_bucket=head)
    provider = SimpleNamespace(
        s3c=SimpleNamespace(meta=SimpleNamespace(client=client)),
        settings=SimpleNamespace(endpoint_url=endpoint),
    )
    return SimpleNamespace(
        storage_registry=SimpleNamespace(default_storage_provider=provider),
        storage_settings=SimpleNamespace(default_storage_prefix=prefix),
    )


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (AnsweredError("404"), "no such bucket"),
        (AnsweredError("403"), "access denied"),
        (AnsweredError("400"), "credentials"),
        (OSError(GONE), "it does not answer"),
    ],
)
def test_a_bucket_that_cannot_be_used_is_a_line(error, expected):
    def head(**_):
        raise error

    with pytest.raises(DigitsError, match=rf"^s3://bucket: .*{expected}.* \(at http://127"):
        storage_errors.check(workflow(head))


def test_the_bucket_is_asked_for_by_its_name():
    asked = []
    storage_errors.check(workflow(lambda **bucket: asked.append(bucket)))
    assert asked == [{"Bucket": "bucket"}]
