"""What is wrong with the storage of results, in one line, out of what Snakemake and boto3 print."""

import re
from typing import TYPE_CHECKING, Any

from digits.core.errors import DigitsError
from digits.core.formatting import one_line

if TYPE_CHECKING:
    from snakemake.workflow import Workflow

FAILED = re.compile(r"Failed to (?:check|get|retrieve|store|remove)\b.*?\b(s3://\S+)", re.DOTALL)
"""The first words of Snakemake's error for an object, and the address of the object."""

OF_BOTO = re.compile(r"\b(?:botocore|boto3|s3transfer)[./]")
"""What an error of boto has in its traceback where Snakemake lets it pass."""

URL = re.compile('endpoint URL: "([^"]+)"')
"""The address in an error of boto."""

CREDENTIALS = "it refuses the credentials; correct them (see docs/object-storage.md)"
DENIED = "access denied; correct the credentials, or allow them to read and write there"
NO_ANSWER = "it does not answer; run again once it does"
MISSING = "no such bucket; create it, or correct --default-storage-prefix"

NONE_GIVEN = "there are no credentials for it; set them (see docs/object-storage.md)"

REASONS = {
    "Unable to locate credentials|NoCredentials": NONE_GIVEN,
    "InvalidAccessKeyId|SignatureDoesNotMatch|InvalidClientTokenId|AuthFailure": CREDENTIALS,
    "ExpiredToken|InvalidToken|TokenRefreshRequired|RequestExpired": CREDENTIALS,
    r"AccessDenied|AllAccessDisabled|\(403\)": DENIED,
    "NoSuchBucket|InvalidBucketName": MISSING,
    "Could not connect to the endpoint|onnect(?:ion)? timeout|Read timeout": NO_ANSWER,
    r"Connection (?:was closed|reset|refused|aborted|broken)|IncompleteRead": NO_ANSWER,
    r"ServiceUnavailable|SlowDown|InternalError|\(50\d\)": NO_ANSWER,
}
"""What to say for a word of an error, the first that is found."""


def describe(text: str) -> str | None:
    """Return one line for an error that is the storage's; None for any other.

    Parameters
    ----------
    text : as Snakemake prints it, the errors below it included
    """
    if found := FAILED.search(text):
        return f"{found[1].rstrip('.,:;')}: {reason(text)}"
    if OF_BOTO.search(text):
        address = URL.findall(text) or ["object storage"]
        return f"{address[-1]}: {reason(text)}"
    return None


def reason(text: str) -> str:
    """Return what is wrong, by the words of an error, or else its last line."""
    for words, known in REASONS.items():
        if re.search(words, text):
            return known
    return one_line(text.strip().splitlines()[-1])


def check(workflow: "Workflow") -> None:
    """Ask the default storage for its bucket, where it is S3, before anything else needs it.

    Snakemake's plugin would take a bucket that is not there for an empty one, and create it.

    Raises
    ------
    DigitsError
        If there is no such bucket, or the storage does not answer or refuses.
    """
    provider = workflow.storage_registry.default_storage_provider
    prefix = workflow.storage_settings.default_storage_prefix or ""
    bucket = re.match(r"s3://([^/]+)", prefix)
    if provider is None or not bucket or not hasattr(provider, "s3c"):
        return
    try:
        provider.s3c.meta.client.head_bucket(Bucket=bucket[1])
    except Exception as error:
        raise DigitsError(f"{bucket[0]}: {_of_bucket(error)}{_endpoint(provider)}") from error


def _of_bucket(error: Exception) -> str:
    """Return what is wrong, where the answer to a question for a bucket has no text."""
    code = str(getattr(error, "response", {}).get("Error", {}).get("Code", ""))
    return {"404": MISSING, "400": CREDENTIALS}.get(code) or reason(str(error))


def _endpoint(provider: Any) -> str:
    """Return the address at which the storage is asked, if the user has given one."""
    address = getattr(provider.settings, "endpoint_url", None)
    return f" (at {address})" if address else ""
