"""A pierd of its own for conformance tests: temporary home, free port, stopped at the end."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config

OWNER = "ada@pier.local"


class LocalWorkspace:
    """Starts `pierd` (its path in PIERD) and makes clients of the unmodified Databricks SDK for it."""

    def __init__(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="pier-conformance-"))
        self.process = None
        try:
            self.start()
        except BaseException:
            shutil.rmtree(self.home)
            raise

    def start(self):
        env = {"PATH": os.environ["PATH"], "HOME": str(self.home), "PIER_HOME": str(self.home), "PIER_OWNER": OWNER}
        self.process = subprocess.Popen(
            [os.environ["PIERD"], "--daemon"], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        with self.process.stdout as stream:
            state = json.loads(stream.readline())
        if "error" in state:
            raise RuntimeError(state["error"])
        self.pid = state["pid"]
        self.url = state["url"]
        self.token = (self.folder / "run" / "token").read_text().strip()

    @property
    def folder(self):
        return self.home / "workspaces" / "default"

    def kill(self):
        """As the kernel does it: no chance to write anything."""
        os.kill(self.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        os.kill(self.pid, signal.SIGTERM)
        self.process.wait(30)
        shutil.rmtree(self.home)

    def _client(self, **credentials):
        # No profile of the machine and no pause between requests.
        config = Config(
            host=self.url, config_file=str(self.home / "none"), rate_limit=10000, retry_timeout_seconds=5, **credentials
        )
        return WorkspaceClient(config=config)

    def owner(self):
        return self._client(token=self.token, auth_type="pat")

    def with_token(self, token):
        return self._client(token=token, auth_type="pat")

    def service_principal(self, name):
        """A second identity: a new service principal that signs in with OAuth client credentials."""
        owner = self.owner()
        made = owner.service_principals.create(display_name=name)
        secret = owner.service_principal_secrets_proxy.create(service_principal_id=made.id)
        client = self._client(client_id=made.application_id, client_secret=secret.secret, auth_type="oauth-m2m")
        return made, client
