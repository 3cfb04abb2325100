"""What the suites share: a workspace of its own, yardsticks in the same run, and the table of results.

Every figure is a median. Absolute times depend on the machine, ratios much less. Nothing is asserted here.
"""
import json
import os
import pathlib
import select
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PASSED_ON = ("PIP_", "NPM_", "npm_", "UV_", "SSL_", "REQUESTS_", "NODE_EXTRA")


def milliseconds(action):
    begin = time.perf_counter()
    action()
    return (time.perf_counter() - begin) * 1000


def median_ms(action, rounds=200, warm=20):
    return compare(rounds, warm, action)[0]


def compare(rounds, warm, *actions):
    """Medians of several actions in ms, taken in turns, so that what else the machine does meets all of them."""
    times = [[] for _ in actions]
    for number in range(rounds + warm):
        for action, into in zip(actions, times):
            taken = milliseconds(action)
            if number >= warm:
                into.append(taken)
    return [statistics.median(one) for one in times]


def wait_for(what, condition, limit=60.0, pause=0.01):
    """The condition's value once it holds."""
    end = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise RuntimeError(f"not within {limit} s: {what}")
        select.select([], [], [], pause)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Bench:
    """One local workspace of its own, and the table of results."""

    def __init__(self, pier):
        self.pier = str(pathlib.Path(pier).resolve())
        self.pierd = str(pathlib.Path(self.pier).parent / "pierd")
        self.rows = []
        # When root, PostgreSQL runs as another user, who must be able to enter the folder.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pier-bench."))
        self.folder.chmod(0o755)
        self.home = self.folder / "home"
        self.env = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8",
                    "PIER_HOME": str(self.home)}
        for name in os.environ:
            if name.startswith(PASSED_ON) or "proxy" in name.lower():
                self.env.setdefault(name, os.environ[name])
        self.http_load, self.run_once = (self.compiled(name) for name in ("http_load", "run_once"))

    def compiled(self, name):
        program = str(self.folder / name)
        subprocess.run(["g++", "-O2", "-std=c++20", str(HERE / (name + ".cpp")), "-o", program], check=True)
        return program

    @property
    def workspace(self):
        return self.home / "workspaces" / "default"

    def run(self, *arguments, cwd=None, check=True):
        done = subprocess.run([self.pier, *arguments], cwd=cwd or self.folder, env=self.env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
        if check and done.returncode != 0:
            raise RuntimeError(f"pier {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def json(self, *arguments, cwd=None):
        return json.loads(self.run(*arguments, "-o", "json", cwd=cwd))

    def load(self, port, request, connections=1, seconds=2.0, host="127.0.0.1"):
        """What http_load measures with this request: rps, p50_us, p99_us, max_us."""
        done = subprocess.run([self.http_load, "get", host, str(port), str(connections), str(seconds)], input=request,
                              capture_output=True, check=False)
        if done.returncode != 0:
            raise RuntimeError("http_load: " + done.stderr.decode())
        return json.loads(done.stdout)

    def compare_load(self, targets, connections=1, rounds=5, seconds=1.0):
        """Medians of p50_us and rps for (port, request) pairs, in turns."""
        seen = [[] for _ in targets]
        for _ in range(rounds):
            for (port, request), into in zip(targets, seen):
                into.append(self.load(port, request, connections, seconds))
        return [{key: statistics.median(one[key] for one in runs) for key in ("p50_us", "p99_us", "rps")}
                for runs in seen]

    def bare_server(self, size):
        """The least that an HTTP server can do: answers anything with so many bytes."""
        return BareServer(self.http_load, size)

    def add(self, what, value, unit, against="", ratio=None, goal=""):
        shown = f"{ratio:.2f}" if ratio is not None else ""
        self.rows.append((what, f"{value:,.2f} {unit}", against, shown, goal))
        print(f"{what}: {value:,.2f} {unit}" + (f", {shown} x {against}" if shown else "") +
              (f" (goal {goal})" if goal else ""), flush=True)

    def table(self):
        lines = ["| what | median | yardstick | ratio | goal |", "|---|---|---|---|---|"]
        lines += ["| " + " | ".join(row) + " |" for row in self.rows]
        return "\n".join(lines)

    def close(self):
        subprocess.run([self.pier, "local", "stop"], env=self.env, capture_output=True, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


class BareServer:
    """http_load serve, as a context manager."""

    def __init__(self, program, size):
        self.command = [program, "serve", str(size)]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def note(text):
    print(text, file=sys.stderr, flush=True)
