"""The errors of calls of Kaggle: what they mean, in one line that says what to do."""

import re

from digits.core.errors import DigitsError
from digits.core.formatting import duration, one_line

WAYS = (
    "set KAGGLE_API_TOKEN, or KAGGLE_USERNAME and KAGGLE_KEY, or put the file access_token or"
    " kaggle.json into ~/.kaggle (a token is made at https://www.kaggle.com/settings)"
)
"""Where the package finds credentials."""

BUSY = {429, 500, 502, 503, 504}
"""States of HTTP after which the same call may succeed."""


class KaggleError(DigitsError):
    """Kaggle cannot be asked, or refuses what it is asked."""


class UncertainError(KaggleError):
    """Kaggle did not answer, so a submission may have been made or not."""


class LimitError(KaggleError):
    """No further submission is allowed today."""


def may_pass(error: BaseException, *, once: bool) -> bool:
    """Return whether the same call may succeed later, and may be made again.

    Parameters
    ----------
    once : whether it must not be made again where Kaggle may have done what was asked
    """
    if once:
        return _state(error) == 429
    return _state(error) in BUSY or _is_of_network(error)


def pause_after(error: BaseException, attempt: int) -> float:
    """Return for how many seconds to wait before a call is made again.

    Kaggle may say that; otherwise, it doubles with each attempt.
    """
    answer = getattr(error, "response", None)
    said = "" if answer is None else answer.headers.get("Retry-After", "")
    return float(said) if said.isdecimal() else 2.0**attempt


def in_one_line(error: BaseException, competition: str, *, once: bool) -> KaggleError:
    """Return the error of a call as one line that says what to do; no address of it is repeated.

    Parameters
    ----------
    competition : name of the competition that the call was about
    once : whether it is to be known if Kaggle has done what was asked
    """
    state, said = _state(error), _said(error)
    if state in {400, 403} and re.search("(?i)daily|allowance", said):
        return LimitError(f"Kaggle accepts no more submissions today{said}")
    if isinstance(error, SystemExit):  # of the package, without valid credentials
        state = 401
    page = f"https://www.kaggle.com/competitions/{competition}"
    refusals = {
        401: f"Kaggle does not accept the credentials{said}: {WAYS}",
        403: f"Kaggle refuses{said}: accept the rules of the competition at {page}/rules",
        404: f"Kaggle knows no competition {competition}{said}: see dataset.competition",
        429: f"Kaggle gets too many requests: run again in {duration(pause_after(error, 6))}",
    }
    if state in refusals:
        return KaggleError(refusals[state])
    kind = UncertainError if once and (state is None or state in BUSY) else KaggleError
    if state is not None:
        return kind(f"Kaggle answers with an error {state}{said}: run again later")
    if _is_of_network(error):
        reason = type(error).__name__
        return kind(f"Kaggle cannot be reached ({reason}): check the network, then run again")
    text = re.sub(r"\w+://\S+", "…", str(error))  # an address may have a signature
    reason = one_line(f"{type(error).__name__}: {text}")[:200]
    return kind(f"the package kaggle failed ({reason})")


def _state(error: BaseException) -> int | None:
    """Return the state of HTTP that an error is about, if it is about any."""
    return getattr(getattr(error, "response", None), "status_code", None)


def _is_of_network(error: BaseException) -> bool:
    """Return whether there was no answer, which the classes of requests say."""
    return _state(error) is None and type(error).__module__.startswith(("requests", "urllib3"))


def _said(error: BaseException) -> str:
    """Return what Kaggle says in words, in parentheses, or nothing."""
    try:
        message = error.response.json()["message"]
    except (AttributeError, ValueError, KeyError, TypeError):
        return ""
    return f" ({one_line(str(message))[:200]})" if message else ""
