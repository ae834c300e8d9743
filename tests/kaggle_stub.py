"""A stand-in for the addresses of Kaggle that its own package calls, on the loopback interface.

The package talks to http://localhost where ``KAGGLE_API_ENVIRONMENT`` is LOCALHOST when it is
imported; as its proxy, the stub gets these calls on a port of its own.
"""

import base64
import io
import json
import threading
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

USER, KEY, TOKEN = "ann", "0123456789abcdef", "KGAT_0123456789abcdef"
ENVIRONMENT = {"KAGGLE_API_ENVIRONMENT": "LOCALHOST", "KAGGLE_USERNAME": USER, "KAGGLE_KEY": KEY}
OTHERS = (
    *("KAGGLE_API_TOKEN", "KAGGLE_CONFIG_DIR", "XDG_CONFIG_HOME", "no_proxy", "NO_PROXY"),
    *("HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"),
)
"""Variables that would lead the package elsewhere."""


@dataclass
class Answer:
    """What a call is answered with: a state, headers, and JSON or bytes."""

    state: int = 200
    content: object = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        if isinstance(self.content, bytes):
            return self.content
        return json.dumps(self.content or {}).encode()


def refusal(state: int, message: str = "", **headers: str) -> Answer:
    """Return an error as Kaggle words it."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(state, {"code": state, "message": message}, given)


@dataclass
class Kaggle:
    """The state of the stub, which tests look at and change.

    Attributes
    ----------
    files : contents of the competition's files by name
    listed : sizes that it lists, where they are not those of the files
    submissions : those that were made, the newest first
    left : how many more are allowed today
    score : called with the content of a submission for its public score; None: it stays pending
    polls : how often a submission is asked for before it has its score
    faults : by the name of a call, answers to give in place of the true ones, one after the other
    calls : the names of the calls so far
    uploads : contents that were uploaded, by token
    """

    files: dict[str, bytes] = field(default_factory=dict)
    listed: dict[str, int] = field(default_factory=dict)
    submissions: list[dict] = field(default_factory=list)
    left: int = 5
    score: Callable[[bytes], float | None] = lambda content: 0.97
    polls: int = 0
    faults: dict[str, list[Answer]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    uploads: dict[str, bytes] = field(default_factory=dict)
    contents: dict[int, bytes] = field(default_factory=dict)
    asked: Counter = field(default_factory=Counter)

    @property
    def archive(self) -> bytes:
        """The zip of all files."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self.files.items():
                # With a fixed date, so that the bytes are the same each time.
                archive.writestr(zipfile.ZipInfo(name), content)
        return packed.getvalue()

    def answer(self, call: str, sent: dict, user: str | None) -> Answer:
        """Answer a call of the API."""
        self.calls.append(call)
        if self.faults.get(call):
            return self.faults[call].pop(0)
        if call == "IntrospectToken":
            return Answer(content={"active": sent["token"] == TOKEN, "username": USER})
        if user is None:
            return refusal(401, "Unauthenticated")
        return getattr(self, f"on_{call}")(sent)

    def on_ListDataFiles(self, sent: dict) -> Answer:  # as Kaggle names it
        names = sorted(self.files)
        start = int(sent.get("pageToken") or 0)
        page = names[start : start + 2]
        sizes = {name: len(content) for name, content in self.files.items()} | self.listed
        files = [{"name": name, "totalBytes": sizes[name]} for name in page]
        following = str(start + 2) if start + 2 < len(names) else ""
        return Answer(content={"files": files, "nextPageToken": following})

    def on_DownloadDataFiles(self, sent: dict) -> Answer:
        place = f"http://localhost/storage/{sent['competitionName']}.zip?signature=secret"
        return Answer(302, b"", {"Location": place})

    def on_GetSubmissionLimits(self, sent: dict) -> Answer:
        made = len(self.submissions)
        return Answer(content={"numToday": made, "numTotal": made, "numAllowedNow": self.left})

    def on_StartSubmissionUpload(self, sent: dict) -> Answer:
        token = f"token-{len(self.calls)}"
        place = f"http://localhost/upload/{token}?signature=secret"
        return Answer(content={"token": token, "createUrl": place})

    def on_CreateSubmission(self, sent: dict) -> Answer:
        if not self.left:
            return refusal(400, "Your team has used its daily Submission allowance (5) today")
        self.left -= 1
        ref = 100 + len(self.submissions)
        self.contents[ref] = self.uploads[sent["blobFileTokens"]]
        self.submissions.insert(
            0,
            {
                "ref": ref,
                "date": "2026-11-28T09:00:00.000Z",
                "description": sent["submissionDescription"],
                "status": "PENDING",
                "publicScore": "",
            },
        )
        return Answer(content={"message": "Successfully submitted", "ref": ref})

    def on_ListSubmissions(self, sent: dict) -> Answer:
        return Answer(content={"submissions": self.submissions})

    def on_GetSubmission(self, sent: dict) -> Answer:
        (found,) = (each for each in self.submissions if each["ref"] == sent["ref"])
        self.asked[sent["ref"]] += 1
        score = self.score(self.contents[sent["ref"]])
        scored = score is not None and self.asked[sent["ref"]] > self.polls
        if found["status"] == "PENDING" and scored:
            found |= {"status": "COMPLETE", "publicScore": f"{score:.5f}"}
        return Answer(content=found)


class Handler(BaseHTTPRequestHandler):
    """Answers the package as its proxy."""

    protocol_version = "HTTP/1.1"

    @property
    def kaggle(self) -> Kaggle:
        return self.server.kaggle

    def user(self) -> str | None:
        known = {f"Bearer {TOKEN}", "Basic " + base64.b64encode(f"{USER}:{KEY}".encode()).decode()}
        return USER if self.headers.get("Authorization") in known else None

    def received(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def send(self, answer: Answer) -> None:
        body = answer.body
        self.send_response(answer.state)
        kind = "octet-stream" if isinstance(answer.content, bytes) else "json"
        size = str(len(body))
        headers = {"Content-Type": f"application/{kind}", "Content-Length": size} | answer.headers
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        if int(headers["Content-Length"]) != len(body):
            self.close_connection = True

    def do_POST(self) -> None:
        call = urlsplit(self.path).path.rpartition("/")[2]
        self.send(self.kaggle.answer(call, json.loads(self.received() or b"{}"), self.user()))

    def do_GET(self) -> None:
        """The storage to which a download is redirected."""
        self.kaggle.calls.append("storage")
        if self.kaggle.faults.get("storage"):
            self.send(self.kaggle.faults["storage"].pop(0))
            return
        content, first = self.kaggle.archive, 0
        if self.headers.get("Range"):
            first = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        headers = {"Accept-Ranges": "bytes", "ETag": '"1"'}
        self.send(Answer(206 if first else 200, content[first:], headers))

    def do_PUT(self) -> None:
        """The storage that takes the files of submissions."""
        self.kaggle.calls.append("upload")
        content = self.received()
        if self.kaggle.faults.get("upload"):
            self.send(self.kaggle.faults["upload"].pop(0))
            return
        self.kaggle.uploads[urlsplit(self.path).path.rpartition("/")[2]] = content
        self.send(Answer())

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def serve(kaggle: Kaggle) -> ThreadingHTTPServer:
    """Start the stub on a free port of the loopback interface, and return its server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.kaggle = kaggle
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server
