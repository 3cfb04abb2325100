"""A Lakebase instance of the bench's workspace, and ways into it for yardsticks."""
import os
import pathlib
import pwd
import subprocess

from common import wait_for

INSTANCE = "bench"
OWNER = "owner@pier.local"


def ensure_instance(client):
    """The instance, made on first use."""
    found = [one for one in client.call("GET", "/api/2.0/database/instances").get("database_instances", [])
             if one["name"] == INSTANCE]
    if not found:
        client.call("POST", "/api/2.0/database/instances", {"name": INSTANCE, "capacity": "CU_1"})

    def available():
        instance = client.call("GET", "/api/2.0/database/instances/" + INSTANCE)
        return instance if instance.get("state") == "AVAILABLE" else None

    return wait_for("the database instance is available", available)


def credential(client):
    return client.call("POST", "/api/2.0/database/credentials",
                       {"request_id": "bench", "instance_names": [INSTANCE]})["token"]


def folder(bench):
    return bench.workspace / "lakebase" / INSTANCE


def superuser(bench, sql, database):
    """psql past the front, as pier's own system role; stdout."""
    done = subprocess.run(["psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-h", str(folder(bench) / "socket"), "-p", "5432",
                           "-U", "pier_system", "-d", database], input=sql, env=bench.env, capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError("psql: " + done.stderr)
    return done.stdout


def server_command(bench):
    """Program and settings of the running cluster, for a yardstick with the same ones."""
    pid = int((folder(bench) / "data" / "postmaster.pid").read_text().split()[0])
    return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode().rstrip("\0").split("\0")


def server_user():
    """PostgreSQL refuses root: then it is the system's own user for it."""
    return pwd.getpwnam("postgres") if os.geteuid() == 0 else None


def as_server_user():
    user = server_user()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
