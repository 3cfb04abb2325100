"""`pier bundle …` against the official CLI, on the same bundles and the same local workspace.

Only with the environment variable DATABRICKS_CLI, which names the official program.
"""
import http.client
import http.server
import json
import os
import statistics
import subprocess
import threading

from client import Client
from common import note
from suites.bundles import write_bundle

# Resources in the bundle, and how often each program is measured. Of 10,000 only pier: the official CLI takes minutes.
VALIDATED = ((1, 31), (100, 9), (1000, 3))
DEPLOYED = 100
MANY = 10_000
GOALS = {1: "1/5 x", 100: "1/20 x", 1000: "1/20 x"}


def run(bench):
    official = os.environ.get("DATABRICKS_CLI")
    if not official:
        note("official: skipped, DATABRICKS_CLI names no program to compare with")
        return
    bench.run("local", "start")
    client = Client(bench)
    programs = {"pier": bench.pier, "official": official}
    validate(bench, client, programs)
    deploy(bench, client, programs)


def environment(bench, port, token):
    return {**bench.env, "DATABRICKS_HOST": f"http://127.0.0.1:{port}", "DATABRICKS_TOKEN": token,
            "DATABRICKS_BUNDLE_ENGINE": "direct"}


def measured(bench, command, folder, env):
    """(milliseconds, peak memory in MiB) of one run."""
    done = subprocess.run([bench.run_once, *command], cwd=folder, env=env, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=True)
    cost = json.loads(done.stdout)
    if cost["exit"] != 0:
        raise RuntimeError(f"{command}: exit {cost['exit']}\n{done.stderr[-2000:]}")
    return cost["ms"], cost["peak_mib"]


def in_turns(bench, programs, arguments, folder_of, env, rounds):
    """Per program the medians of time and memory; one run more at first, which warms."""
    seen = {name: [] for name in programs}
    for number in range(rounds + 1):
        for name, program in programs.items():
            figures = measured(bench, [program, *arguments], folder_of(name), env)
            if number > 0:
                seen[name].append(figures)
    return {name: [statistics.median(column) for column in zip(*runs)] for name, runs in seen.items()}


def validate(bench, client, programs):
    env = environment(bench, client.port, client.token)
    arguments = ("bundle", "validate", "-o", "json")
    for count, rounds in VALIDATED:
        folder = bench.folder / f"official-validate-{count}"
        write_bundle(folder, count)
        got = in_turns(bench, programs, arguments, lambda _, at=folder: at, env, rounds)
        (ours, our_memory), (theirs, their_memory) = got["pier"], got["official"]
        bench.add(f"bundle validate -o json, {count:,} resources", ours, "ms", "official", ours / theirs, GOALS[count])
        bench.add(f"its peak memory, {count:,} resources", our_memory, "MiB", "official", our_memory / their_memory,
                  "1/3 x")
    growth(bench, programs["pier"], arguments, env)


def growth(bench, pier, arguments, env):
    """Of MANY resources against a tenth of them, in turns: caches hold the small bundle, hardly the large one."""
    folders = {}
    for count in (MANY // 10, MANY):
        folders[count] = bench.folder / f"official-growth-{count}"
        write_bundle(folders[count], count)
    got = in_turns(bench, {count: pier for count in folders}, arguments, folders.get, env, 7)
    many, few = got[MANY][0], got[MANY // 10][0]
    bench.add(f"bundle validate -o json, {MANY:,} resources", many, "ms", f"that of {MANY // 10:,}", many / few, "10 x")


def deploy(bench, client, programs):
    """Deploys that have nothing to do, each program with a bundle that it deployed itself."""
    folders = {}
    env = environment(bench, client.port, client.token)
    for name, program in programs.items():
        folders[name] = bench.folder / f"official-deploy-{name}"
        write_bundle(folders[name], DEPLOYED, name=f"bench-{name}")
        measured(bench, [program, "bundle", "deploy", "--auto-approve"], folders[name], env)
    arguments = ("bundle", "deploy", "--auto-approve")
    got = in_turns(bench, programs, arguments, folders.get, env, 7)
    bench.add(f"bundle deploy with nothing to do, {DEPLOYED} resources", got["pier"][0], "ms", "official",
              got["pier"][0] / got["official"][0], "1/3 x")
    requests = {}
    for name, program in programs.items():
        with CountingProxy(client.port) as proxy:
            measured(bench, [program, *arguments], folders[name], environment(bench, proxy.port, client.token))
            requests[name] = proxy.requests
    bench.add("its requests", requests["pier"], "", "official", requests["pier"] / requests["official"], "1 x")


class CountingProxy:
    """Hands requests on to the workspace and counts them."""

    def __init__(self, upstream):
        proxy = self
        self.requests = 0

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def hand_on(self):
                proxy.requests += 1
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                connection = http.client.HTTPConnection("127.0.0.1", upstream)
                headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
                connection.request(self.command, self.path, body, headers)
                answer = connection.getresponse()
                content = answer.read()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("connection", "content-length", "transfer-encoding", "date", "server"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)
                connection.close()

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = hand_on

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
