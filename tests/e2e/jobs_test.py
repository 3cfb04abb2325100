#!/usr/bin/env python3
"""Jobs by the REST API of a real daemon: Python tasks in an environment, SQL tasks, the order of tasks, values,
retries, time-outs, cancel, and a daemon that is killed while a run is going on."""
import argparse
import base64
import json

from journey import Journey

FOLDER = "/Workspace/Users/owner@pier.local/jobs"
SCHEMA = {"environment_key": "default", "spec": {"client": "1", "dependencies": []}}


class JobsApi:
    def __init__(self, pier):
        self.pier = pier
        self.connect()

    def connect(self):
        self.pier.run("local", "start", quiet=True)
        self.url = self.pier.json("local", "status", quiet=True)["url"]
        self.token = self.pier.run("local", "token", quiet=True).strip()

    def call(self, method, path, body=None):
        status, _, text = self.pier.request(self.url + path, method, body, self.token)
        assert status == 200, f"{method} {path}: {status} {text}"
        return json.loads(text or "{}")

    def write(self, name, text):
        self.call("POST", "/api/2.0/workspace/mkdirs", {"path": FOLDER})
        self.call("POST", "/api/2.0/workspace/import",
                  {"path": f"{FOLDER}/{name}", "format": "AUTO", "overwrite": True,
                   "content": base64.b64encode(text.encode()).decode()})

    def create(self, *tasks, **settings):
        return self.call("POST", "/api/2.2/jobs/create",
                         {"name": "test", "tasks": list(tasks), "environments": [SCHEMA], **settings})["job_id"]

    def start(self, job, **request):
        return self.call("POST", "/api/2.2/jobs/run-now", {"job_id": job, **request})["run_id"]

    def get(self, run):
        return self.call("GET", f"/api/2.2/jobs/runs/get?run_id={run}")

    def end(self, run):
        return self.pier.wait_for(f"run {run}", lambda: (lambda r: r if r["state"]["life_cycle_state"] in (
            "TERMINATED", "SKIPPED", "INTERNAL_ERROR") else None)(self.get(run)))

    def run(self, *tasks, **settings):
        return self.end(self.start(self.create(*tasks, **settings)))

    def output(self, run, key):
        task = next(task for task in run["tasks"] if task["task_key"] == key)
        return self.call("GET", f"/api/2.2/jobs/runs/get-output?run_id={task['run_id']}")

    def warehouse(self):
        return self.call("GET", "/api/2.0/sql/warehouses")["warehouses"][0]["id"]


def python(key, file, *parameters, **more):
    return {"task_key": key, "environment_key": "default",
            "spark_python_task": {"python_file": f"{FOLDER}/{file}", "parameters": list(parameters)}, **more}


def after(*keys):
    return {"depends_on": [{"task_key": key} for key in keys]}


def results(run):
    return {task["task_key"]: task["state"].get("result_state", task["state"]["life_cycle_state"])
            for task in run["tasks"]}


def an_environment_and_values(api):
    wheel_less = {"environment_key": "default", "spec": {"client": "1", "dependencies": ["tabulate==0.9.0"]}}
    api.write("hello.py", "import sys, os, tabulate, neighbour\n"
              "print(tabulate.__version__, neighbour.NAME, *sys.argv[1:])\n"
              "assert os.environ['DATABRICKS_HOST'] and os.environ['DATABRICKS_TOKEN']\n")
    api.write("neighbour.py", "NAME = 'beside'\n")
    job = api.create(python("hello", "hello.py", "{{job.parameters.who}}", "{{task.name}}", "run {{job.run_id}}"),
                     environments=[wheel_less], parameters=[{"name": "who", "default": "nobody"}])
    run = api.end(api.start(job, job_parameters={"who": "ada"}))
    assert run["state"]["result_state"] == "SUCCESS", run["state"]
    logs = api.output(run, "hello")["logs"]
    assert f"0.9.0 beside ada hello run {run['run_id']}" in logs, logs
    again = api.end(api.start(job))
    assert "0.9.0 beside nobody hello" in api.output(again, "hello")["logs"]
    unknown = api.run(python("hello", "hello.py", "{{job.no_such_value}}"))
    assert "{{job.no_such_value}}" in api.output(unknown, "hello")["error"], unknown["state"]


def sql_after_python(api, pier):
    api.write("numbers.sql", "USE CATALOG main;\nCREATE OR REPLACE TABLE main.default.numbers AS\n"
              "SELECT id, :label AS label FROM range(5);\n-- the end\n")
    api.write("nothing.py", "")
    run = api.run(python("first", "nothing.py"),
                  {"task_key": "table", **after("first"),
                   "sql_task": {"file": {"path": f"{FOLDER}/numbers.sql"}, "warehouse_id": api.warehouse(),
                                "parameters": {"label": "by {{task.name}}"}}})
    assert results(run) == {"first": "SUCCESS", "table": "SUCCESS"}, api.output(run, "table")
    assert pier.sql("SELECT count(*), min(label) FROM main.default.numbers") == [[5, "by table"]]
    api.write("broken.sql", "SELECT 1;\nSELECT * FROM main.default.nowhere;\n")
    run = api.run({"task_key": "table", "sql_task": {"file": {"path": f"{FOLDER}/broken.sql"},
                                                     "warehouse_id": api.warehouse()}})
    assert run["state"]["result_state"] == "FAILED"
    assert "nowhere" in api.output(run, "table")["error"]


def the_order_of_tasks(api):
    api.write("good.py", "")
    api.write("bad.py", "raise SystemExit(3)\n")
    run = api.run(python("bad", "bad.py"), python("good", "good.py"),
                  python("after_all", "good.py", **after("bad", "good")),
                  python("after_one", "good.py", **after("bad", "good"), run_if="AT_LEAST_ONE_SUCCESS"),
                  python("on_failure", "good.py", **after("bad"), run_if="AT_LEAST_ONE_FAILED"),
                  python("in_the_end", "good.py", **after("after_all"), run_if="ALL_DONE"),
                  {"task_key": "how", **after("bad"), "run_if": "ALL_DONE",
                   "condition_task": {"op": "EQUAL_TO", "left": "{{tasks.bad.result_state}}", "right": "failed"}},
                  python("told", "good.py", depends_on=[{"task_key": "how", "outcome": "true"}]))
    got = results(run)
    assert got == {"bad": "FAILED", "good": "SUCCESS", "after_all": "UPSTREAM_FAILED", "after_one": "SUCCESS",
                   "on_failure": "SUCCESS", "in_the_end": "SUCCESS", "how": "SUCCESS", "told": "SUCCESS"}, got
    assert "exit code 3" in api.output(run, "bad")["error"]
    condition = {"task_key": "enough", "condition_task": {"op": "GREATER_THAN", "left": "{{job.parameters.n}}",
                                                          "right": "3"}}
    job = api.create(condition,
                     python("yes", "good.py", depends_on=[{"task_key": "enough", "outcome": "true"}]),
                     python("no", "good.py", depends_on=[{"task_key": "enough", "outcome": "false"}]),
                     parameters=[{"name": "n", "default": "5"}])
    got = results(api.end(api.start(job)))
    assert (got["yes"], got["no"]) == ("SUCCESS", "EXCLUDED"), got
    got = results(api.end(api.start(job, job_parameters={"n": "2"})))
    assert (got["yes"], got["no"]) == ("EXCLUDED", "SUCCESS"), got


def retries_and_time_outs(api):
    api.write("third.py", "import sys\nraise SystemExit(0 if sys.argv[1] == '3' else 1)\n")
    run = api.run(python("third", "third.py", "{{task.execution_count}}", max_retries=5))
    assert run["state"]["result_state"] == "SUCCESS", run["state"]
    assert run["tasks"][0]["attempt_number"] == 2, run["tasks"]
    api.write("forever.py", "import time\nprint('begun', flush=True)\ntime.sleep(100000)\n")
    run = api.run(python("forever", "forever.py", timeout_seconds=1))
    assert "did not end within 1 s" in api.output(run, "forever")["error"]
    assert (run["state"]["result_state"], results(run)["forever"]) == ("FAILED", "TIMEDOUT")
    run = api.end(api.start(api.create(python("forever", "forever.py"), timeout_seconds=1)))
    assert run["state"]["result_state"] == "TIMEDOUT", run["state"]
    assert not programs(api.pier)


def begun(api, run):
    api.pier.wait_for("the program", lambda: "begun" in api.output(api.get(run), "forever").get("logs", ""))


def programs(pier):
    return [command for command in pier.processes().values() if "forever.py" in command]


def cancelled(api, pier):
    run = api.start(api.create(python("forever", "forever.py")))
    begun(api, run)
    assert programs(pier)
    api.call("POST", "/api/2.2/jobs/runs/cancel", {"run_id": run})
    assert api.end(run)["state"]["result_state"] == "CANCELED"
    pier.wait_for("no program is left", lambda: not programs(pier))


def killed(api, pier):
    job = api.create(python("forever", "forever.py"), max_concurrent_runs=1, queue={"enabled": True})
    run = api.start(job)
    waiting = api.start(job)
    begun(api, run)
    assert api.get(waiting)["state"]["life_cycle_state"] == "QUEUED"
    pier.kill_daemon()
    pier.wait_for("no program is left", lambda: not programs(pier))
    api.connect()
    state = api.end(run)["state"]
    assert (state["life_cycle_state"], state.get("result_state")) == ("INTERNAL_ERROR", "FAILED"), state
    begun(api, waiting)  # the queued one goes on
    api.call("POST", "/api/2.2/jobs/runs/cancel", {"run_id": waiting})
    assert api.end(waiting)["state"]["result_state"] == "CANCELED"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pier", required=True)
    parser.add_argument("--browser-modules")
    options = parser.parse_args()
    with Journey(options.pier, "jobs") as pier:
        api = JobsApi(pier)
        for step in (lambda: an_environment_and_values(api), lambda: sql_after_python(api, pier),
                     lambda: the_order_of_tasks(api), lambda: retries_and_time_outs(api),
                     lambda: cancelled(api, pier), lambda: killed(api, pier)):
            step()


main()
