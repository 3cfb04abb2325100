"""What the end-to-end tests share: pier in a home of its own, the scaffolded bundle, and waiting for conditions."""
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

PASSED_ON = ("PIP_", "UV_", "NPM_", "npm_", "SSL_", "REQUESTS_", "NODE_EXTRA", "HTTP_", "HTTPS_", "NO_PROXY")


class Journey:
    """A home, a bundle folder and the commands of one user. Use as a context manager: removes everything."""

    def __init__(self, pier, name="flightdesk"):
        self.pier = str(pathlib.Path(pier).resolve())
        self.name = name
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pier-e2e."))
        # When root, PostgreSQL runs as another user, who must be able to pass through.
        self.folder.chmod(0o755)
        self.home = self.folder / "home"
        self.home.mkdir()
        self.bundle = self.folder / name
        self.env = {"PATH": os.path.dirname(self.pier) + ":" + os.environ["PATH"], "HOME": str(self.home),
                    "LANG": "C.UTF-8", "PIER_HOME": str(self.folder / "pier")}
        for key, value in os.environ.items():
            if key.startswith(PASSED_ON) or key.lower().endswith("_proxy"):
                self.env[key] = value

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.run("local", "stop", check=False, quiet=True)
        self.assert_no_process_left()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, *arguments, **options):
        return subprocess.Popen([self.pier, *arguments], cwd=self.bundle if self.bundle.is_dir() else self.folder,
                                env=self.env, stdin=subprocess.DEVNULL, **options)

    def run(self, *arguments, check=True, quiet=False, timeout=900):
        """stdout of `pier ARGUMENTS` in the bundle's folder."""
        begin = time.monotonic()
        process = self.start(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"pier {' '.join(arguments)} took more than {timeout} s\n{out}\n{err}")
        self.last_error, self.last_exit = err, process.returncode
        if not quiet:
            print(f"pier {' '.join(arguments)}: exit {process.returncode}, {time.monotonic() - begin:.2f} s", flush=True)
        if check and process.returncode != 0:
            raise AssertionError(f"pier {' '.join(arguments)}: exit {process.returncode}\n{out}\n{err}")
        return out

    def json(self, *arguments, **options):
        return json.loads(self.run(*arguments, "-o", "json", **options))

    def sql(self, statement):
        """Rows of one statement."""
        return self.json("sql", statement, quiet=True)["rows"]

    def daemon_pid(self):
        return self.json("local", "status", quiet=True)["pid"]

    def kill_daemon(self):
        """kill -9, and wait until it is gone."""
        pid = self.daemon_pid()
        watch = os.pidfd_open(pid)
        os.kill(pid, signal.SIGKILL)
        select.select([watch], [], [], 120)
        os.close(watch)

    def wait_for(self, what, condition, limit=120):
        """Asks again until the condition holds; its value. The pause is bounded by a poll on nothing."""
        end = time.monotonic() + limit
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() > end:
                raise AssertionError(f"not within {limit} s: {what}")
            select.select([], [], [], 0.05)

    def request(self, url, method="GET", body=None, token=None, headers=None):
        """(status, headers, body) without following redirects."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(url, data, dict(headers or {}), method=method)
        if body is not None:
            request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", "Bearer " + token)
        opener = urllib.request.build_opener(NoRedirect, urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=120) as answer:
                return answer.status, dict(answer.headers), answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read().decode("utf-8", "replace")

    def processes(self):
        """Command lines of every process that belongs to this home."""
        found = {}
        marks = (str(self.folder).encode(),)
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                command = (entry / "cmdline").read_bytes()
                environment = (entry / "environ").read_bytes()
            except OSError:
                continue
            if any(mark in command or b"PIER_HOME=" + mark in environment for mark in marks):
                found[int(entry.name)] = command.replace(b"\0", b" ").decode("utf-8", "replace")
        return found

    def assert_no_process_left(self):
        self.wait_for(f"processes end: {self.processes()}", lambda: not self.processes())


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None
