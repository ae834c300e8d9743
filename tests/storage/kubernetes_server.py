"""A stand-in for a Kubernetes cluster, on the loopback interface, for Snakemake's executor.

A pod is a shell in an empty folder of its own, with the environment of the pod alone.
"""

import base64
import json
import re
import subprocess
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import yaml

NAMESPACE = r"/namespaces/(?P<namespace>[^/]+)"


@dataclass
class Cluster:
    """What is in the cluster.

    Attributes
    ----------
    folder : the folders of the pods are made in it
    path : in which the image has its programs
    secrets : by name, their values by key
    jobs : those that were submitted, by name, as the executor described them
    """

    folder: Path
    path: str
    secrets: dict[str, dict[str, str]] = field(default_factory=dict)
    jobs: dict[str, dict] = field(default_factory=dict)
    pods: dict[str, subprocess.Popen] = field(default_factory=dict)

    def start(self, body: dict) -> None:
        """Start the pod of a job."""
        name = body["metadata"]["name"]
        (container,) = body["spec"]["template"]["spec"]["containers"]
        assert container["workingDir"] == "/workdir"
        workdir = self.folder / name
        workdir.mkdir(parents=True)
        variables = {"PATH": self.path, "HOME": str(workdir)}
        for each in container.get("env", []):
            place = each["valueFrom"]["secretKeyRef"]
            variables[each["name"]] = self.secrets[place["name"]][place["key"]]
        with (self.folder / f"{name}.log").open("wb") as log:
            self.pods[name] = subprocess.Popen(
                [*container["command"], *container["args"]],
                cwd=workdir,
                env=variables,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.jobs[name] = body

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def status(self, name: str) -> dict:
        ended = self.pods[name].poll()
        return {} if ended is None else {"failed": 1} if ended else {"succeeded": 1}

    def pod(self, name: str) -> dict:
        ended = self.pods[name].poll()
        state = {"running": {}} if ended is None else {"terminated": {"exitCode": ended}}
        container = {"name": "snakemake", "image": "digits", "imageID": "", "ready": True}
        container |= {"restartCount": 0, "state": state}
        return {"metadata": {"name": name}, "status": {"containerStatuses": [container]}}


class Calls(BaseHTTPRequestHandler):
    """Answers the executor."""

    @property
    def cluster(self) -> Cluster:
        return self.server.cluster

    def log_message(self, *_) -> None:
        """Print nothing."""

    def answer(self, content: object, state: int = 200) -> None:
        body = content.encode() if isinstance(content, str) else json.dumps(content).encode()
        self.send_response(state)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if re.fullmatch(rf"/api/v1{NAMESPACE}/secrets", self.path):
            values = {key: base64.b64decode(each).decode() for key, each in body["data"].items()}
            self.cluster.secrets[body["metadata"]["name"]] = values
        else:
            assert re.fullmatch(rf"/apis/batch/v1{NAMESPACE}/jobs", self.path), self.path
            self.cluster.start(body)
        self.answer(body, 201)

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        if found := re.fullmatch(rf"/apis/batch/v1{NAMESPACE}/jobs/([^/]+)/status", asked.path):
            self.answer({"status": self.cluster.status(found[2])})
        elif found := re.fullmatch(rf"/api/v1{NAMESPACE}/pods/([^/]+)/log", asked.path):
            self.answer(self.cluster.log(found[2]))
        else:
            assert re.fullmatch(rf"/api/v1{NAMESPACE}/pods", asked.path), self.path
            (selected,) = parse_qs(asked.query)["labelSelector"]
            self.answer({"items": [self.cluster.pod(selected.removeprefix("job-name="))]})

    def do_DELETE(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer({})


def serve(cluster: Cluster, kubeconfig: Path) -> ThreadingHTTPServer:
    """Start the stand-in, and write the file by which it is found."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Calls)
    server.cluster = cluster
    threading.Thread(target=server.serve_forever, daemon=True).start()
    name, address = "stand-in", f"http://127.0.0.1:{server.server_address[1]}"
    found = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"server": address}}],
        "users": [{"name": name, "user": {"token": "none"}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }
    kubeconfig.write_text(yaml.safe_dump(found))
    return server
