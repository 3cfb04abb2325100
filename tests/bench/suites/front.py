"""Point look-ups through the Lakebase front against PostgreSQL reached directly, TLS in both."""
import os
import re
import shutil
import statistics
import subprocess

from client import Client
from common import free_port, wait_for
from suites import lakebase

SCALE = 10
SECONDS = 2
ROUNDS = 5


def run(bench):
    bench.run("local", "start")
    client = Client(bench)
    address = lakebase.ensure_instance(client)["read_write_dns"]
    host, _, port = address.partition(":")
    through = Target(bench, host, port or "5432", lakebase.OWNER, "databricks_postgres", lakebase.credential(client))
    through.pgbench("-i", "-q", "-s", str(SCALE))
    with DirectServer(bench) as direct:
        direct.target.pgbench("-i", "-q", "-s", str(SCALE))
        for clients in (1, 8):
            measure(bench, clients, through, direct.target)


def measure(bench, clients, through, direct):
    seen = {through: [], direct: []}
    for _ in range(ROUNDS):
        for target, into in seen.items():
            into.append(target.lookups(clients))
    ours, yardstick = (statistics.median(one) for one in seen.values())
    plural = "client" if clients == 1 else "clients"
    bench.add(f"point look-ups through the Lakebase front, {clients} {plural}", ours, "1/s", "direct, TLS",
              ours / yardstick, "0.7 x")


class Target:
    """One server as pgbench reaches it."""

    def __init__(self, bench, host, port, user, database, password):
        self.env = dict(bench.env, PGHOST=host, PGPORT=port, PGUSER=user, PGDATABASE=database, PGPASSWORD=password,
                        PGSSLMODE="require")

    def pgbench(self, *arguments):
        done = subprocess.run(["pgbench", *arguments], env=self.env, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError("pgbench: " + done.stderr)
        return done.stdout

    def lookups(self, clients):
        out = self.pgbench("-n", "-S", "-M", "prepared", "-c", str(clients), "-T", str(SECONDS))
        return float(re.search(r"tps = ([0-9.]+)", out)[1])


class DirectServer:
    """A cluster with the same program and settings, TLS switched on, reached over TCP."""

    def __init__(self, bench):
        self.bench = bench
        program, *arguments = lakebase.server_command(bench)
        self.program = program
        self.settings = [one for one in arguments[arguments.index("-c"):] if one != "-c"]
        self.folder = bench.folder / "direct"

    def __enter__(self):
        self.folder.mkdir()
        user = lakebase.server_user()
        if user:
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        options = {"cwd": self.folder, "env": self.bench.env, "stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL,
                   "stderr": subprocess.DEVNULL, **lakebase.as_server_user()}
        data = self.folder / "data"
        subprocess.run([os.path.join(os.path.dirname(self.program), "initdb"), "-D", str(data), "-U", "bench", "-A",
                        "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"], check=True, **options)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-keyout", str(data / "server.key"), "-out", str(data / "server.crt"), "-subj", "/CN=localhost"],
                       check=True, **options)
        port = free_port()
        command = [self.program, "-D", str(data)]
        for setting in [*self.settings, "listen_addresses=127.0.0.1", f"port={port}", "ssl=on",
                        f"unix_socket_directories={self.folder}"]:
            command += ["-c", setting]
        self.process = subprocess.Popen(command, **options)
        self.target = Target(self.bench, "127.0.0.1", str(port), "bench", "postgres", "")
        wait_for("the direct server answers", self.answers)
        return self

    def answers(self):
        return subprocess.run(["psql", "-X", "-c", "SELECT 1"], env=self.target.env, capture_output=True,
                              check=False).returncode == 0

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
