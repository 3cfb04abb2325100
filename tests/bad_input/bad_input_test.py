#!/usr/bin/env python3
"""What goes wrong around pier: each case makes one thing bad, sees a clear error with its code and exit code, and
that nothing is lost or half-written; then it takes the cause away, and the same command succeeds.

Usage: bad_input_test.py --list | --pier BINARY --case NAME"""
import argparse
import contextlib
import json
import os
import pathlib
import resource
import shutil
import socket
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
from journey import Journey  # noqa: E402

import texts  # noqa: E402, F401 (its cases)
from cases import CASES, case  # noqa: E402
from disk import Disk, enter_own_namespace  # noqa: E402

BUNDLE = """\
bundle:
  name: tiny
targets:
  dev:
    default: true
resources:
"""
SCHEMA = "  schemas:\n    gold:\n      catalog_name: main\n      name: gold\n"
APP = "  apps:\n    web:\n      name: web\n      source_code_path: ./src\n      lifecycle:\n        started: true\n"
INSTANCE = "  database_instances:\n    shop:\n      name: shop\n      capacity: CU_1\n"
SERVER = """\
import http.server, os
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"here")
http.server.HTTPServer(("127.0.0.1", PORT), Answer).serve_forever()
"""
GOOD_SERVER = SERVER.replace("PORT", "int(os.environ['DATABRICKS_APP_PORT'])")


class Bundle(Journey):
    """A tiny bundle in a home of its own."""

    def __init__(self, pier, resources=SCHEMA):
        super().__init__(pier, "tiny")
        self.bundle.mkdir()
        self.write("databricks.yml", BUNDLE + resources)

    def write(self, path, text):
        file = self.bundle / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)

    def fails(self, *arguments, exit_code, says):
        """stderr of a command that must end with this code and name all of these."""
        self.run(*arguments, check=False)
        text = self.last_error
        assert self.last_exit == exit_code, f"exit {self.last_exit} instead of {exit_code}:\n{text}"
        for part in says:
            assert part in text, f"{part!r} is not in:\n{text}"
        return text

    def daemon_runs(self):
        self.run("local", "status", check=False, quiet=True)
        return self.last_exit == 0

    def schemas(self):
        return {row[0] for row in self.sql("SHOW SCHEMAS IN main")}

    def app(self):
        return next(app for app in self.json("status", quiet=True)["apps"] if app["key"] == "web")

    def app_answers(self):
        app = self.app()
        assert app["state"] == "RUNNING", app
        token = self.run("local", "token", quiet=True).strip()
        status, _, body = self.request(app["url"] + "/api/here", token=token)
        assert (status, body) == (200, "here"), (status, body)

    def limit_files(self, size):
        """Files of the daemon cannot grow beyond `size` bytes; None: no limit."""
        _, hard = resource.prlimit(self.daemon_pid(), resource.RLIMIT_FSIZE)
        resource.prlimit(self.daemon_pid(), resource.RLIMIT_FSIZE, (hard if size is None else size, hard))


@case("broken YAML")
def broken_yaml(pier):
    with Bundle(pier) as bundle:
        good = (bundle.bundle / "databricks.yml").read_text()
        bundle.write("databricks.yml", good + "  volumes: [\n")
        for command in ("validate", "deploy"):
            bundle.fails(command, exit_code=1, says=["error[PIER1004]", "--> databricks.yml:", "help:"])
        assert not bundle.daemon_runs()
        bundle.write("databricks.yml", good)
        bundle.run("validate")
        bundle.run("deploy")
        assert "gold" in bundle.schemas()


@case("unknown target")
def unknown_target(pier):
    with Bundle(pier) as bundle:
        bundle.fails("deploy", "-t", "prod", exit_code=1, says=["error[PIER1035]", "prod", "Available targets: dev"])
        assert not bundle.daemon_runs()
        file = bundle.bundle / "databricks.yml"
        file.write_text(file.read_text().replace("targets:\n", "targets:\n  prod: {}\n"))
        bundle.run("deploy", "-t", "prod")
        assert "gold" in bundle.schemas()


@case("missing file")
def missing_file(pier):
    with Bundle(pier, SCHEMA + APP) as bundle:
        bundle.fails("validate", exit_code=1, says=["error[PIER", "databricks.yml:", "src"])
        bundle.fails("deploy", exit_code=1, says=["error[PIER", "databricks.yml:", "src"])
        bundle.write("src/app.yaml", "command: [python3, main.py]\n")
        bundle.write("src/main.py", GOOD_SERVER)
        bundle.run("validate")
        bundle.run("deploy")
        bundle.app_answers()


@case("wrong token")
def wrong_token(pier):
    with Bundle(pier) as bundle:
        url = json.loads(bundle.run("local", "start", "-o", "json"))["url"]
        bundle.env |= {"DATABRICKS_HOST": url, "DATABRICKS_TOKEN": "dapi-not-this-one"}
        text = bundle.fails("deploy", exit_code=4, says=["error[PERMISSION_DENIED]", "DATABRICKS_TOKEN"])
        assert "dapi-not" not in text
        bundle.env["DATABRICKS_TOKEN"] = bundle.run("local", "token").strip()
        assert "gold" not in bundle.schemas()
        bundle.run("deploy")
        assert "gold" in bundle.schemas()


@case("port in use: the workspace's, asked for")
def chosen_port_in_use(pier):
    with Bundle(pier) as bundle, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        bundle.fails("local", "start", "--port", port, exit_code=1, says=["error[PIER3007]", port])
        assert not bundle.daemon_runs()
        taken.close()
        bundle.run("local", "start", "--port", port)
        assert bundle.daemon_runs()


@case("port in use: those of a workspace that comes back")
def kept_ports_in_use(pier):
    with Bundle(pier, APP) as bundle:
        bundle.write("src/app.yaml", "command: [python3, main.py]\n")
        bundle.write("src/main.py", GOOD_SERVER)
        bundle.run("deploy")
        ports = [int(url.rsplit(":", 1)[1]) for url in (bundle.json("local", "status")["url"], bundle.app()["url"])]
        bundle.run("local", "stop")
        with contextlib.ExitStack() as stack:
            for port in ports:
                taken = stack.enter_context(socket.socket())
                taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                taken.bind(("127.0.0.1", port))
                taken.listen()
            bundle.run("local", "start")
            assert int(bundle.json("local", "status")["url"].rsplit(":", 1)[1]) not in ports
            bundle.wait_for("the app", lambda: bundle.app()["state"] == "RUNNING")
            assert int(bundle.app()["url"].rsplit(":", 1)[1]) not in ports
            bundle.app_answers()
            bundle.run("deploy")


@case("PostgreSQL missing")
def postgres_missing(pier):
    with Bundle(pier, SCHEMA + INSTANCE) as bundle:
        programs = bundle.folder / "postgresql"
        bundle.env["PIER_POSTGRES_BIN"] = str(programs)
        bundle.fails("deploy", exit_code=1, says=["PIER8001", "PostgreSQL is not installed", str(programs), "help:"])
        assert "gold" in bundle.schemas()  # what does not need it is there
        assert json.loads(bundle.run("status", "-o", "json"))["databases"] == []
        installed = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        programs.symlink_to(installed)
        bundle.run("deploy")
        assert bundle.json("status")["databases"][0]["state"] == "AVAILABLE"


@case("npm missing")
def npm_missing(pier):
    npm = shutil.which("npm")
    with Bundle(pier, APP) as bundle:
        bundle.write("src/app.yaml", "command: [python3, main.py]\n")
        bundle.write("src/main.py", GOOD_SERVER)
        bundle.write("src/package.json", json.dumps({"name": "web", "version": "1.0.0", "private": True}))
        programs = bundle.folder / "bin"
        programs.mkdir()
        for folder in ("/bin", "/usr/bin", "/usr/local/bin", os.path.dirname(npm)):
            for program in pathlib.Path(folder).iterdir():
                if program.name not in ("npm", "npx") and not (programs / program.name).is_symlink():
                    (programs / program.name).symlink_to(program)
        bundle.env["PATH"] = str(programs)
        bundle.fails("deploy", exit_code=1, says=["error[PIER2011]", "npm is needed to build this app"])
        (programs / "npm").symlink_to(npm)
        bundle.run("deploy")
        bundle.app_answers()


@case("app that crashes at start")
def app_crashes(pier):
    with Bundle(pier, APP) as bundle:
        bundle.write("src/app.yaml", "command: [python3, main.py]\n")
        bundle.write("src/main.py", "raise SystemExit('no settings here')\n")
        bundle.fails("deploy", exit_code=1, says=["error[PIER2011]", "exit code 1", "pier logs web"])
        assert bundle.app()["state"] == "CRASHED"
        assert "no settings here" in bundle.run("logs", "web")
        bundle.write("src/main.py", GOOD_SERVER)
        bundle.run("deploy")
        bundle.app_answers()


@case("app that listens on the wrong port")
def wrong_port(pier):
    with Bundle(pier, APP) as bundle:
        bundle.write("src/app.yaml", "command: [python3, main.py]\n")
        bundle.write("src/main.py", SERVER.replace("PORT", "0"))
        bundle.fails("deploy", exit_code=1, says=["error[PIER2011]", "listens on port", "DATABRICKS_APP_PORT"])
        bundle.write("src/main.py", GOOD_SERVER)
        bundle.run("deploy")
        bundle.app_answers()


def insert_on_full_disk(bundle, fill, free, amounts):
    """Statements while the disk is full at ever later places: each is done or not done at all."""
    rows = 1
    failures = 0
    bundle.sql("CREATE TABLE main.default.t AS SELECT 1 AS a")
    for amount in amounts:
        fill(amount)
        bundle.run("sql", f"INSERT INTO main.default.t SELECT id FROM range({amount}, {amount + 3})", check=False)
        exit_code, text = bundle.last_exit, bundle.last_error
        free()
        if exit_code == 0:
            rows += 3
        else:
            failures += 1
            assert exit_code == 1 and "error[" in text, (exit_code, text)
        assert bundle.sql("SELECT count(*) FROM main.default.t") == [[rows]], (amount, rows, text)
    assert failures > 0
    log = pathlib.Path(bundle.env["PIER_HOME"]).rglob("_delta_log/*.json")
    for commit in log:
        for line in commit.read_text().splitlines():
            json.loads(line)
    left = [file for file in pathlib.Path(bundle.env["PIER_HOME"]).rglob("_delta_log/*") if "tmp" in file.name]
    assert not left, left
    bundle.sql("INSERT INTO main.default.t VALUES (0)")
    bundle.run("local", "stop")
    assert bundle.sql("SELECT count(*) FROM main.default.t") == [[rows + 1]]


@case("disk full while writing a Delta commit: by a limit of the file size")
def delta_limit(pier):
    with Bundle(pier) as bundle:
        bundle.run("local", "start")
        insert_on_full_disk(bundle, bundle.limit_files, lambda: bundle.limit_files(None),
                            (0, 1, 50, 200, 300, 400, 500, 600, 700, 800, 1000, 2000, 100_000))


@case("disk full while writing a Delta commit: a file system of its own")
def delta_disk(pier):
    with Bundle(pier) as bundle:
        lake = bundle.folder / "pier" / "workspaces" / "default" / "lake"
        with Disk(lake) as disk:
            insert_on_full_disk(bundle, disk.fill, disk.free, range(0, 10))


def deploy_on_full_disk(bundle, fill, free):
    bundle.run("deploy")
    file = bundle.bundle / "databricks.yml"
    file.write_text(file.read_text() + SCHEMA.split("\n", 1)[1].replace("gold", "silver"))
    fill(0)
    bundle.fails("deploy", exit_code=1, says=["error["])
    free()
    assert "gold" in bundle.schemas()
    bundle.run("deploy")
    assert {"gold", "silver"} <= bundle.schemas()
    fill(0)
    bundle.fails("sql", "CREATE SCHEMA main.bronze", exit_code=1, says=["error["])
    bundle.kill_daemon()
    free()
    assert "bronze" not in bundle.schemas()
    assert {"gold", "silver"} <= bundle.schemas()
    bundle.run("sql", "CREATE SCHEMA main.bronze")
    assert "bronze" in bundle.schemas()
    assert "nothing to do" in bundle.run("deploy")


@case("disk full while writing state: by a limit of the file size")
def state_limit(pier):
    with Bundle(pier) as bundle:
        bundle.run("local", "start")
        deploy_on_full_disk(bundle, bundle.limit_files,
                            lambda: bundle.daemon_runs() and bundle.limit_files(None))


@case("disk full while writing state: a file system of its own")
def state_disk(pier):
    with Bundle(pier) as bundle:
        with Disk(bundle.folder / "pier") as disk:
            bundle.run("local", "start")
            deploy_on_full_disk(bundle, disk.fill, disk.free)
            # A workspace that cannot even begin says so, and begins when it can.
            bundle.run("local", "stop")
            disk.fill(0)
            bundle.run("local", "start", check=False)
            assert bundle.last_exit == 0 or "error[" in bundle.last_error, bundle.last_error
            disk.free()
            assert {"gold", "silver", "bronze"} <= bundle.schemas()
            bundle.run("local", "stop")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--pier")
    parser.add_argument("--case", choices=CASES)
    options = parser.parse_args()
    if options.list:
        print("\n".join(CASES))
        return
    if options.case.endswith("a file system of its own"):
        enter_own_namespace()
    CASES[options.case](options.pier)


main()
