"""Lambda on this machine: a function's process under AWS's own runtime client, and the Runtime API that feeds it.

The process sees what it would see in Lambda: the unpacked package, read-only, with only boto3 and awslambdaric beside
it, and no environment but the function's own. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import os
import re
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import distribution
from pathlib import Path
from queue import Queue
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Self, override
from uuid import uuid4

from bench.throttle import MEGABYTES_PER_CPU, Throttle, cpu_seconds

LOOPBACK = "127.0.0.1"
API = "/2018-06-01/runtime/"
PROVIDED_BY_LAMBDA = ("boto3", "awslambdaric")
# Seconds that a function may take, its start included.
PATIENCE = 60.0
POLL = 0.05
MEMORY = 512
NO_FILES: Mapping[str, bytes] = {}


class FunctionFailedError(Exception):
    """A function's process ended, or did not respond in time; the text is what it printed last."""


@dataclass(frozen=True, slots=True)
class Response:
    """What a function answered, or the error that it raised; `at` is a moment of `time.perf_counter`."""

    payload: Any
    failed: bool
    at: float


@dataclass(frozen=True, slots=True)
class Start:
    """A cold start: seconds of init and of the first invocation, by the clock and of computing.

    `memory` is its peak in bytes; it and computing are 0 where only Linux could tell.
    """

    init: float
    invocation: float
    init_cpu: float
    invocation_cpu: float
    memory: int

    @property
    def total(self) -> float:
        """The seconds until the first response."""
        return self.init + self.invocation

    @property
    def cpu(self) -> float:
        """The seconds of computing until the first response."""
        return self.init_cpu + self.invocation_cpu


# --- what lies in /var/task and beside it


def unpack(package: Path, folder: Path, changed: Mapping[str, bytes] = NO_FILES) -> Path:
    """Unpack a deployment package into `folder`, which nobody may write to from then on; some files may be others."""
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    for name, content in changed.items():
        (folder / name).write_bytes(content)
    for path in (*folder.rglob("*"), folder):
        path.chmod(0o555 if path.is_dir() else 0o444)
    return folder


def remove(folder: Path) -> None:
    """Make what was unpacked deletable again."""
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)


def link_runtime(folder: Path) -> Path:
    """Put into `folder` what Lambda brings, as links to what is installed here, with all that it requires."""
    folder.mkdir()
    for name in _required(PROVIDED_BY_LAMBDA):
        installed = distribution(name)
        for top in {file.parts[0] for file in installed.files or ()}:
            if not top.endswith(".dist-info") and top not in {"..", "__pycache__"}:
                (folder / top).symlink_to(str(installed.locate_file(top)))
    return folder


def _required(names: Sequence[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            needs = [each for each in distribution(name).requires or () if "extra ==" not in each]
            waiting += [re.split(r"[^\w.-]", each, maxsplit=1)[0] for each in needs]
    return found


# --- the process


class Function:
    """One instance of a function, from its cold start to its end; use it as a context.

    `handler` is `module.name` in the folder `task`; `environment` is all that it knows besides what Lambda sets. From
    its first event on it keeps its CPU or, `is_throttled`, has only the share that Lambda gives it for its memory.
    """

    def __init__(
        self, handler: str, task: Path, runtime: Path, environment: Mapping[str, str], *, is_throttled: bool = False
    ) -> None:
        self._handler, self._task = handler, task
        self._share = MEMORY / MEGABYTES_PER_CPU if is_throttled else 1.0
        self._throttle: Throttle | None = None
        self._init_cpu = 0.0
        self._api = _RuntimeApi(self._be_ready)
        name = handler.rpartition(".")[2]
        self._environment = {
            "PATH": os.defpath,
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PYTHONPATH": str(runtime),
            "PYTHONDONTWRITEBYTECODE": "1",  # a test's root may write to what is read-only to others
            "AWS_LAMBDA_RUNTIME_API": self._api.address,
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(MEMORY),
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
            "LAMBDA_TASK_ROOT": str(task),
            "_HANDLER": handler,
            **environment,
        }
        self._log = TemporaryFile()  # noqa: SIM115 - closed when the function ends
        self._process: subprocess.Popen[bytes] | None = None
        self._begun = 0.0

    def __enter__(self) -> Self:
        self._api.start()
        self._begun = time.perf_counter()
        # -S leaves out whatever is installed here; the current folder comes first, as /var/task does.
        command = [sys.executable, "-S", "-m", "awslambdaric", self._handler]
        self._process = subprocess.Popen(  # noqa: S603 - nothing foreign in it
            command, cwd=self._task, env=self._environment, stdout=self._log, stderr=self._log
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self._throttle is not None:
            self._throttle.__exit__(kind, error, tb)
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._api.stop()
        self._log.close()

    def invoke(self, event: Any) -> Response:
        """Send an event and wait for the response; FunctionFailedError where none comes."""
        self._api.send(event)
        deadline = time.perf_counter() + PATIENCE
        while time.perf_counter() < deadline:
            response = self._api.response(POLL)
            if response is not None:
                return response
            if self._process is None or self._process.poll() is not None:
                break
        raise FunctionFailedError(f"{self._handler} did not respond:\n{self.log()[-2_000:]}")

    def start(self, event: Any) -> tuple[Start, Response]:
        """Send the first event, and measure from the process' beginning to the response."""
        response = self.invoke(event)
        ready, computed = self._api.ready_at, cpu_seconds(self._pid) - self._init_cpu
        return Start(ready - self._begun, response.at - ready, self._init_cpu, computed, self._memory()), response

    def log(self) -> str:
        """Return what was printed so far."""
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def _be_ready(self) -> None:
        self._init_cpu = cpu_seconds(self._pid)
        self._throttle = Throttle(self._pid, self._share).__enter__()

    @property
    def _pid(self) -> int:
        return self._process.pid if self._process else 0

    def _memory(self) -> int:
        """Return the most that was resident at once, in bytes, as Linux tells it."""
        status = Path(f"/proc/{self._pid}/status")
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
        return int(found[1]) * 1024 if found else 0


# --- the Runtime API


class _RuntimeApi:
    """Hands events to one process, one by one, and takes its responses."""

    def __init__(self, when_ready: Callable[[], None]) -> None:
        self.ready_at = 0.0
        self.when_ready = when_ready
        self.events: Queue[bytes | None] = Queue()
        self.responses: Queue[Response] = Queue()
        self._server = _Server(self)
        self.address = f"{LOOPBACK}:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(POLL,), daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.events.put(None)
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def send(self, event: Any) -> None:
        self.events.put(json.dumps(event).encode())

    def response(self, timeout: float) -> Response | None:
        try:
            return self.responses.get(timeout=timeout)
        except Exception:  # noqa: BLE001 - queue.Empty
            return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, api: _RuntimeApi) -> None:
        self.api = api
        super().__init__((LOOPBACK, 0), _Handler)

    @override
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing when a process ends in the middle of a request: that is intended."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        api = self.server.api
        if not api.ready_at:
            api.when_ready()
            api.ready_at = time.perf_counter()
        event = api.events.get()
        if event is None:
            return
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", str(uuid4()))
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int((time.time() + PATIENCE) * 1_000)))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:local")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(event)))
        self.end_headers()
        self.wfile.write(event)

    def do_POST(self) -> None:
        at = time.perf_counter()
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        failed = not self.path.endswith("/response")
        self.server.api.responses.put(Response(json.loads(body) if body else None, failed, at))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    @override
    def log_message(self, *_: object) -> None:
        """Stay quiet."""
