"""An app behind the gateway against the same app reached directly; and what waking it costs."""
import contextlib
import functools
import os
import pathlib
import shutil
import statistics
import subprocess
import time
import urllib.parse

from client import Client, Wire, request_bytes
from common import HERE, compare, free_port, wait_for

APP = "bench-app"
BIG = 64 * 1024 * 1024


class DeployedApp:
    """The app of tests/bench/app, deployed by `pier deploy`; made once for all suites."""

    def __init__(self, bench):
        folder = bench.folder / "app-bundle"
        if not folder.exists():
            shutil.copytree(HERE / "app", folder / "app")
            (folder / "app" / "app.yaml").write_text("command: [python, app.py]\n")
            (folder / "databricks.yml").write_text(
                "bundle:\n  name: bench-app\nresources:\n  apps:\n    app:\n"
                f"      name: {APP}\n      source_code_path: ./app\n      lifecycle:\n        started: true\n")
            bench.run("deploy", "--local", "--auto-approve", cwd=folder)
        self.bench = bench
        self.client = Client(bench)
        self.port = urllib.parse.urlsplit(self.client.call("GET", "/api/2.0/apps/" + APP)["url"]).port

    def request(self, path, body=b""):
        return request_bytes("POST" if body else "GET", path, self.client.token, body,
                             host=f"127.0.0.1:{self.port}")

    def process(self):
        """(command, environment, folder) of the running app itself, not of its guard."""
        mark = str(self.bench.home).encode()
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                command = (entry / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
                pairs = (entry / "environ").read_bytes().split(b"\0")
                folder = os.readlink(entry / "cwd")
            except OSError:
                continue
            environment = dict(pair.decode().split("=", 1) for pair in pairs if b"=" in pair)
            if command[-1] == b"app.py" and any(mark in pair for pair in pairs) and "DATABRICKS_APP_PORT" in environment:
                return [part.decode() for part in command], environment, folder
        raise RuntimeError("the app does not run")

    def direct_port(self):
        return int(self.process()[1]["DATABRICKS_APP_PORT"])


class Nginx:
    """nginx in front of the same app, if the machine has it: what a plain proxy costs that checks nobody."""

    def __init__(self, bench, upstream):
        self.folder = bench.folder / "nginx"
        self.folder.mkdir(exist_ok=True)
        self.port = free_port()
        fields = "".join(f"proxy_set_header {name} 'owner@pier.local';" for name in
                         ("X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Preferred-Username"))
        (self.folder / "nginx.conf").write_text(
            "daemon off; worker_processes 1; error_log stderr crit; pid nginx.pid;\n"
            "events { worker_connections 256; }\n"
            "http { access_log off; keepalive_requests 100000000; client_max_body_size 0;\n"
            "  proxy_request_buffering off; proxy_max_temp_file_size 0;\n"
            f"  upstream app {{ server 127.0.0.1:{upstream}; keepalive 64; keepalive_requests 100000000; }}\n"
            f"  server {{ listen 127.0.0.1:{self.port}; location / {{ proxy_pass http://app;\n"
            "    proxy_http_version 1.1; proxy_set_header Connection ''; proxy_set_header X-Request-Id $request_id;\n"
            f"    {fields} }} }} }}\n")

    def __enter__(self):
        self.process = subprocess.Popen(["nginx", "-p", str(self.folder), "-c", "nginx.conf"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for("nginx listens", self.listens)
        return self

    def listens(self):
        try:
            Wire(self.port).close()
            return True
        except OSError:
            return False

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def run(bench):
    app = DeployedApp(bench)
    direct = app.direct_port()
    small = app.request("/api/small")
    with contextlib.ExitStack() as stack:
        targets = {"direct to the app": direct}
        if shutil.which("nginx"):
            targets["nginx in front of it"] = stack.enter_context(Nginx(bench, direct)).port
        for connections in (1, 16):
            ours, *yardsticks = bench.compare_load([(port, small) for port in (app.port, *targets.values())],
                                                   connections)
            for against, yardstick in zip(targets, yardsticks):
                if connections == 1:
                    bench.add("request through the gateway, p50", ours["p50_us"] / 1000, "ms", against,
                              ours["p50_us"] / yardstick["p50_us"], "2 x" if against.startswith("direct") else "")
                bench.add(f"requests/s through the gateway, {connections} kept", ours["rps"], "1/s", against,
                          ours["rps"] / yardstick["rps"])
        big(bench, app, targets)


def big(bench, app, targets):
    wires = [Wire(port) for port in (app.port, *targets.values())]
    get, put = app.request("/api/big"), app.request("/api/sink", bytes(BIG))

    def download(wire):
        assert wire.drain(get) == (200, BIG)

    for what, action in (("64 MiB answer", download), ("64 MiB request body", lambda wire: wire.exchange(put))):
        ours, *yardsticks = compare(7, 1, *[functools.partial(action, wire) for wire in wires])
        for against, yardstick in zip(targets, yardsticks):
            bench.add(f"{what} through the gateway", BIG / 1e6 / (ours / 1000), "MB/s", against, yardstick / ours)


def wake(bench):
    app = DeployedApp(bench)
    app.client.call("PATCH", f"/api/2.0/pier/apps/{APP}/settings", {"idle_timeout": "0s"})
    command, environment, folder = app.process()
    request = app.request("/api/small")
    ours, by_hand = [], []
    for _ in range(7):
        by_hand.append(start_by_hand(command, environment, folder, request))
        fall_asleep(app)
        begin = time.perf_counter()
        wire = Wire(app.port)
        status, _ = wire.exchange(request)
        ours.append((time.perf_counter() - begin) * 1000)
        assert status == 200
        wire.close()
    ours, by_hand = statistics.median(ours), statistics.median(by_hand)
    bench.add("first request to a sleeping app", ours, "ms", "the app's own start", ours / by_hand,
              "own start + 100 ms")


def fall_asleep(app):
    app.client.call("PATCH", f"/api/2.0/pier/apps/{APP}/settings", {"idle_timeout": "1s"})

    def asleep():
        try:
            app.process()
            return False
        except RuntimeError:
            return True

    wait_for("the app sleeps", asleep, pause=0.05)


def start_by_hand(command, environment, folder, request):
    """The app's own time from exec to its first answer."""
    port = free_port()
    environment = {**environment, "DATABRICKS_APP_PORT": str(port)}
    environment.pop("LD_PRELOAD", None)
    begin = time.perf_counter()
    process = subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    wire = Wire.once_open(port)
    wire.exchange(request)
    taken = (time.perf_counter() - begin) * 1000
    wire.close()
    process.kill()
    process.wait()
    return taken
