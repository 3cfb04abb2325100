"""The workspace of the turns: a given one, or a local one that is started for them."""

import json
import os
import signal
import subprocess
import urllib.error
import urllib.parse
import urllib.request


class GivenWorkspace:
    """The one that DATABRICKS_HOST and DATABRICKS_TOKEN name."""

    def __init__(self, top):
        self.connect(top, os.environ["DATABRICKS_HOST"], os.environ["DATABRICKS_TOKEN"])

    def connect(self, top, url, token):
        self.home = top / "home"
        self.home.mkdir()
        self.url, self.token = url.rstrip("/"), token
        self.user = self.ask("GET", "/api/2.0/preview/scim/v2/Me")["userName"]
        warehouses = self.ask("GET", "/api/2.0/sql/warehouses", missing={}).get("warehouses", [])
        self.words = {"WAREHOUSE": warehouses[0]["id"] if warehouses else "none", "NODE_TYPE": "i3.xlarge",
                      "CREDENTIAL": "landing", "SOURCE_TABLE": "main.default.delayed"}
        self.words |= {word: os.environ[f"TURNS_{word}"] for word in self.words if f"TURNS_{word}" in os.environ}

    def ask(self, method, path, body=None, missing=None):
        request = urllib.request.Request(self.url + path, method=method, data=body and json.dumps(body).encode(),
                                         headers={"Authorization": f"Bearer {self.token}"})
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code in (404, 501) and missing is not None:
                return missing
            raise

    def state(self, bundle):
        """What is recorded in the workspace for the bundle."""
        path = f"/Workspace/Users/{self.user}/.bundle/{bundle}/default/state/resources.json"
        query = urllib.parse.urlencode({"path": path, "direct_download": "true"})
        return self.ask("GET", f"/api/2.0/workspace/export?{query}", missing={})

    def environment(self, url):
        """For one program: this workspace, behind the recorder at `url`, and nothing of the machine's own settings."""
        return {"PATH": os.environ["PATH"], "HOME": str(self.home), "LANG": "C.UTF-8", "PIER_HOME": str(self.home),
                "DATABRICKS_HOST": url, "DATABRICKS_TOKEN": self.token, "DATABRICKS_RATE_LIMIT": "1000",
                "DATABRICKS_CONFIG_FILE": str(self.home / "none"), "DATABRICKS_CACHE_ENABLED": "false",
                "DATABRICKS_CLI_DISABLE_TELEMETRY": "1", "DATABRICKS_CLI_DISABLE_UPDATE_CHECK": "true",
                "DATABRICKS_BUNDLE_ENGINE": "direct", "BUNDLE_VAR_word": "sesame"}

    def stop(self):
        pass


class StartedWorkspace(GivenWorkspace):
    """A pierd of its own (its path in PIERD): temporary home, free port, stopped at the end."""

    KINDS = ("apps", "catalogs", "database_catalogs", "database_instances", "job_runs", "jobs", "schemas",
             "secret_scopes", "sql_warehouses", "synced_database_tables", "volumes")

    def __init__(self, top):
        # When root, PostgreSQL runs as another user, who must be able to enter the folder.
        top.chmod(0o755)
        home = top / "pier"
        env = {"PATH": os.environ["PATH"], "HOME": str(home), "PIER_HOME": str(home), "PIER_OWNER": "ada@pier.local"}
        self.process = subprocess.Popen([os.environ["PIERD"], "--daemon"], env=env, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        with self.process.stdout as stream:
            state = json.loads(stream.readline())
        if "error" in state:
            raise RuntimeError(state["error"])
        self.pid = state["pid"]
        token = home / "workspaces" / "default" / "run" / "token"
        self.connect(top, state["url"], token.read_text().strip())

    def stop(self):
        os.kill(self.pid, signal.SIGTERM)
        self.process.wait(60)
