"""Benchmarks of pier against named yardsticks measured in the same run; called by scripts/bench.

Every figure is a median. Absolute times depend on the machine, ratios much less. Nothing is asserted here.
"""
import argparse
import concurrent.futures
import http.client
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Bench:
    """One local workspace of its own, and the table of results."""

    def __init__(self, pier, only):
        self.pier = str(pathlib.Path(pier).resolve())
        self.only = only
        self.rows = []
        # When root, PostgreSQL runs as another user, who must be able to enter the folder.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pier-bench."))
        self.folder.chmod(0o755)
        self.env = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8",
                    "PIER_HOME": str(self.folder / "home")}
        for name in os.environ:
            if name.startswith(("PIP_", "NPM_", "npm_", "UV_", "SSL_", "REQUESTS_", "NODE_EXTRA")) or "proxy" in name.lower():
                self.env.setdefault(name, os.environ[name])

    def run(self, *arguments, cwd=None, check=True):
        done = subprocess.run([self.pier, *arguments], cwd=cwd or self.folder, env=self.env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
        if check and done.returncode != 0:
            raise RuntimeError(f"pier {' '.join(arguments)}: exit {done.returncode}\n{done.stderr}")
        return done.stdout

    def json(self, *arguments, cwd=None):
        return json.loads(self.run(*arguments, "-o", "json", cwd=cwd))

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
        subprocess.run([self.pier, "local", "stop"], env=self.env, capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)


class Client:
    """One kept connection to the workspace."""

    def __init__(self, bench):
        self.token = bench.run("local", "token").strip()
        self.url = bench.json("local", "status")["url"]
        self.connect()

    def connect(self):
        parts = urllib.parse.urlsplit(self.url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port)

    def call(self, method, path, body=None):
        headers = {"Authorization": "Bearer " + self.token}
        if isinstance(body, dict):
            body = json.dumps(body)
            headers["Content-Type"] = "application/json"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        data = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {data[:300]!r}")
        return data

    def statement(self, sql):
        answer = json.loads(self.call("POST", "/api/2.0/sql/statements",
                                      {"statement": sql, "warehouse_id": self.warehouse(), "wait_timeout": "50s"}))
        while answer["status"]["state"] in ("PENDING", "RUNNING"):
            answer = json.loads(self.call("GET", "/api/2.0/sql/statements/" + answer["statement_id"]))
        if answer["status"]["state"] != "SUCCEEDED":
            raise RuntimeError(f"{sql}: {answer['status']}")
        return answer

    def warehouse(self):
        if not hasattr(self, "warehouse_id"):
            self.warehouse_id = json.loads(self.call("GET", "/api/2.0/sql/warehouses"))["warehouses"][0]["id"]
        return self.warehouse_id


def median_ms(action, rounds=200, warm=20):
    for _ in range(warm):
        action()
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        action()
        times.append(time.perf_counter() - begin)
    return statistics.median(times) * 1000


def start_up(bench):
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": bench.env}
    ours, yardstick = [], []
    for _ in range(60):
        for command, times in ((["git", "--version"], yardstick), ([bench.pier, "--version"], ours)):
            begin = time.perf_counter()
            subprocess.run(command, **quiet)
            times.append((time.perf_counter() - begin) * 1000)
    ours, yardstick = statistics.median(ours), statistics.median(yardstick)
    bench.add("pier --version", ours, "ms", "git --version", ours / yardstick, "5 ms")


def write_bundle(folder, jobs):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sql").mkdir(exist_ok=True)
    (folder / "sql" / "one.sql").write_text("SELECT 1;\n")
    lines = ["bundle:", "  name: bench", "resources:", "  jobs:"]
    for i in range(jobs):
        lines += [f"    job_{i}:", f"      name: job {i}", "      tasks:", "        - task_key: one",
                  "          sql_task:", "            warehouse_id: abc", "            file:",
                  "              path: sql/one.sql"]
    (folder / "databricks.yml").write_text("\n".join(lines) + "\n")


def validate(bench):
    for jobs in (1, 100, 1000):
        folder = bench.folder / f"bundle{jobs}"
        write_bundle(folder, jobs)
        value = median_ms(lambda: bench.run("validate", cwd=folder), rounds=15, warm=2)
        bench.add(f"validate, {jobs} resources", value, "ms", goal="50 ms" if jobs == 100 else "")


def no_op_deploy(bench):
    folder = bench.folder / "deploy100"
    write_bundle(folder, 100)
    bench.run("deploy", "--local", "--auto-approve", cwd=folder)
    value = median_ms(lambda: bench.run("deploy", "--local", "--auto-approve", cwd=folder), rounds=7, warm=1)
    bench.add("deploy with nothing to do, 100 resources", value, "ms")


def daemon(bench):
    times = []
    for _ in range(5):
        bench.run("local", "stop", check=False)
        begin = time.perf_counter()
        bench.run("local", "start")
        times.append((time.perf_counter() - begin) * 1000)
    bench.add("pier local start, until it answers", statistics.median(times), "ms")
    client = Client(bench)
    client.call("GET", "/api/2.0/preview/scim/v2/Me")
    status = bench.json("local", "status")
    resident = int(next(line.split()[1] for line in open(f"/proc/{status['pid']}/status") if line.startswith("VmRSS")))
    bench.add("pierd at rest, resident", resident / 1024, "MiB", goal="15 MiB")
    bench.add("GET Me", median_ms(lambda: client.call("GET", "/api/2.0/preview/scim/v2/Me"), 2000), "ms", goal="0.15 ms")
    content, path = os.urandom(64 * 1024), "/Shared/bench.bin"

    def file_round():
        client.call("POST", f"/api/2.0/workspace-files/import-file{path}?overwrite=true", content)
        assert client.call("GET", f"/api/2.0/workspace/export?path={path}&direct_download=true") == content

    bench.add("64 KiB workspace file, in and out", median_ms(file_round), "ms", goal="1 ms")


def sql(bench):
    client = Client(bench)
    client.statement("CREATE OR REPLACE TABLE main.default.bench AS "
                     "SELECT id, id % 10 AS k, id * 1.5 AS v FROM range(10000)")
    query = "SELECT k, count(*), sum(v) FROM main.default.bench GROUP BY k"
    bench.add("GROUP BY over 10,000 Delta rows", median_ms(lambda: client.statement(query)), "ms", goal="2.5 ms")

    def rate(clients, seconds=3.0):
        connections = [Client(bench) for _ in range(clients)]
        end = time.perf_counter() + seconds

        def loop(one):
            count = 0
            while time.perf_counter() < end:
                one.statement(query)
                count += 1
            return count

        with concurrent.futures.ThreadPoolExecutor(clients) as pool:
            return sum(pool.map(loop, connections)) / seconds

    single = rate(1)
    many = rate(8)
    bench.add("statements/s, 8 clients", many, "1/s", "one client", many / single, "2 x")

    other, slowest, stop = Client(bench), [0.0], threading.Event()

    def watch():
        while not stop.is_set():
            begin = time.perf_counter()
            other.call("GET", "/api/2.0/preview/scim/v2/Me")
            slowest[0] = max(slowest[0], (time.perf_counter() - begin) * 1000)

    watcher = threading.Thread(target=watch)
    watcher.start()
    client.statement("SELECT sum(a.id * b.id) FROM range(60000) a CROSS JOIN range(20000) b")
    stop.set()
    watcher.join()
    bench.add("slowest GET Me during a long statement", slowest[0], "ms", goal="100 ms")


SUITES = {"start": start_up, "validate": validate, "daemon": daemon, "deploy": no_op_deploy, "sql": sql}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pier", default=str(ROOT / "build" / "release" / "bin" / "pier"))
    parser.add_argument("suites", nargs="*", help="of " + ", ".join(SUITES) + " (default: all)")
    options = parser.parse_args()
    bench = Bench(options.pier, options.suites)
    try:
        for name, suite in SUITES.items():
            if not options.suites or name in options.suites:
                suite(bench)
        print("\n" + bench.table())
    finally:
        bench.close()


sys.exit(main())
