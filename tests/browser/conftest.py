"""The report page of a small experiment, open in a headless Chromium."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, Page, sync_playwright

from browser.small_report import Experiment, run_experiment, write_page

NAMES = ("chromium", "chromium-browser", "google-chrome")
WIDTHS = (1280, 360)
SCHEMES = ("light", "dark")


@dataclass
class Opened:
    """A page and what happened in it: messages, errors, dialogs and requests."""

    page: Page
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def executable() -> str:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("no Chromium here; Debian's package chromium has one")
    return path


@pytest.fixture(scope="package")  # no longer: it keeps an event loop running
def chromium(executable) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])


@pytest.fixture(scope="session")
def experiment(executable, tmp_path_factory, worker_id) -> Experiment:
    """The experiment and its page, which the first worker that needs them makes for all."""
    own = tmp_path_factory.getbasetemp()
    folder = (own if worker_id == "master" else own.parent) / "small_report"
    experiment = Experiment(folder)
    with FileLock(folder.with_suffix(".lock")):
        if not page_of(experiment).exists():
            shutil.rmtree(folder, ignore_errors=True)
            write_page(run_experiment(folder), page_of(experiment))
    return experiment


def page_of(experiment: Experiment) -> Path:
    return experiment.results / "report" / "index.html"


@pytest.fixture(scope="session")
def report(experiment) -> Path:
    return page_of(experiment)


@contextmanager
def visiting(chromium: Browser) -> Iterator[Callable[..., Opened]]:
    """Give a function that opens a page and notes all that happens; it refuses further requests."""
    contexts = []

    def visit(path: Path, width: int = 1280, scheme: str = "light", **more) -> Opened:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, **more
        )
        contexts.append(context)
        opened = Opened(context.new_page())
        page = opened.page

        def on_request(route) -> None:
            opened.requests.append(route.request.url)
            own = route.request.url.partition("#")[0] == path.as_uri()
            route.continue_() if own else route.abort()

        def on_dialog(dialog) -> None:
            opened.messages.append(f"dialog: {dialog.message}")
            dialog.dismiss()

        page.route("**/*", on_request)
        page.on("console", lambda message: opened.messages.append(message.text))
        page.on("pageerror", lambda error: opened.messages.append(str(error)))
        page.on("dialog", on_dialog)
        page.goto(path.as_uri())
        return opened

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture
def visit(chromium):
    with visiting(chromium) as visit:
        yield visit


@pytest.fixture
def page(visit, report) -> Page:
    return visit(report).page
