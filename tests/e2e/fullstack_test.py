"""The journey of the README by the real binary, on real data, with a browser: scaffold, validate, plan, deploy (killed
in the middle and run again), the app behind its gateway, write-back exactly once, sleep and wake, destroy."""
import json
import pathlib
import signal
import subprocess
import sys
import time

from journey import Journey

HISTORY = "flightdesk.desk.lb_compensation_decision_history"
HERE = pathlib.Path(__file__).resolve().parent


def scaffold(pier):
    pier.run("init", "fullstack", "flightdesk")
    pier.run("init", "fullstack", "flightdesk", "--output-dir", str(pier.folder), check=False)
    assert pier.last_exit == 1 and "exist" in pier.last_error, pier.last_error
    listed = pier.run("init", "--list")
    assert "fullstack" in listed and "streamlit" in listed, listed


def validate(pier):
    pier.run("validate", "--strict")
    file = pier.bundle / "resources" / "app.yml"
    good = file.read_text()
    file.write_text(good.replace("description: Decide", "descripton: Decide").replace("CAN_USE\n          group_name", "CAN_FLY\n          group_name"))
    pier.run("validate", "--strict", check=False)
    assert pier.last_exit == 1, pier.last_exit
    for part in ("resources/app.yml:5:7", "descripton", "description", "CAN_FLY", "^^^"):
        assert part in pier.last_error, f"{part} is not in\n{pier.last_error}"
    file.write_text(good)


def plan(pier):
    actions = {key: entry["action"] for key, entry in pier.json("plan")["plan"].items()}
    assert set(actions.values()) == {"create"}, actions
    assert "resources.apps.desk" in actions and "resources.job_runs.first_load" in actions, actions


def deploy_killed_in_the_middle(pier):
    """Reads progress lines until some resources are made, kills the command with -9, and deploys again."""
    process = pier.start("deploy", "--auto-approve", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    made = 0
    for line in process.stdout:
        made += "reated" in line
        if made == 3:
            process.send_signal(signal.SIGKILL)
            break
    process.wait()
    assert made == 3, "the deployment ended before it could be killed"
    out = pier.run("deploy", "--auto-approve")
    assert "http" in out, out
    actions = {entry["action"] for entry in pier.json("plan")["plan"].values()}
    assert actions == {"skip"}, actions


def data_is_there(pier):
    assert pier.sql("SELECT count(*) FROM main.bronze.flights") == [[336776]]
    [[gold]] = pier.sql("SELECT count(*) FROM main.gold.delayed_flights")
    assert gold > 20_000, gold
    copied = pier.run("psql", "flightdesk", "-d", "flightdesk", "-c",
                      "COPY (SELECT count(*) FROM gold.delayed_flights) TO STDOUT")
    assert int(copied) == gold, (copied, gold)
    return gold


def app(pier):
    [entry] = pier.json("status")["apps"]
    return entry


def the_door_is_guarded(pier, url, token):
    status, headers, _ = pier.request(url + "/api/me")
    assert status == 401 and "www-authenticate" in {name.lower() for name in headers}, (status, headers)
    status, _, _ = pier.request(url + "/api/me", token="dapi-wrong")
    assert status in (401, 403), status
    status, _, body = pier.request(url + "/api/me", token=token, headers={"X-Forwarded-Email": "boss@example.test"})
    assert status == 200 and "boss" not in body, body


def decide(pier, url, token, flight, reason):
    status, _, body = pier.request(f"{url}/api/flights/{flight}/decisions", token=token)
    assert status == 200, body
    decision = {"decision": "approved", "amount": 75, "reason": reason, "seen_revision": len(json.loads(body))}
    status, _, body = pier.request(f"{url}/api/flights/{flight}/decisions", "POST", decision, token)
    assert status == 201, (status, body)


def history(pier, reason):
    try:
        return pier.sql(f"SELECT flight_id, decision FROM {HISTORY} WHERE reason = '{reason}'")
    except AssertionError as error:
        if "TABLE_OR_VIEW_NOT_FOUND" in str(error):
            return []  # it is made with its first row
        raise


def write_back(pier, url, token):
    status, _, body = pier.request(url + "/api/flights", token=token)
    assert status == 200, body
    flight = json.loads(body)["flights"][0]["flight_id"]
    decide(pier, url, token, flight, "first decision")
    begin = time.monotonic()
    rows = pier.wait_for("the decision in Delta", lambda: history(pier, "first decision"))
    print(f"write-back: {time.monotonic() - begin:.2f} s", flush=True)
    assert rows == [[flight, "approved"]], rows
    decide(pier, url, token, flight, "killed in between")
    pier.kill_daemon()
    pier.run("local", "start")
    rows = pier.wait_for("the decision in Delta after kill -9", lambda: history(pier, "killed in between"))
    assert rows == [[flight, "approved"]], rows
    decide(pier, app(pier)["url"], token, flight, "after the kill")
    pier.wait_for("the later decision", lambda: history(pier, "after the kill"))
    assert len(history(pier, "killed in between")) == 1, "twice"


def browser(pier, options):
    if not options.browser_modules:
        print("browser: not run", flush=True)
        return
    link = pier.run("open", "flightdesk", "--print").strip()
    picture = pier.folder / "flightdesk.png"
    done = subprocess.run(["node", str(HERE / "browser" / "approve.mjs"), link, "seen in a browser", str(picture)],
                          env=dict(pier.env, PIER_BROWSER_MODULES=options.browser_modules, HOME=str(pier.home)),
                          capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout)
    print(f"browser: {result}", flush=True)
    rows = pier.wait_for("the browser's decision in Delta", lambda: history(pier, "seen in a browser"))
    assert rows == [[result["flight"], "approved"]], (rows, result)
    if options.picture:
        pathlib.Path(options.picture).write_bytes(picture.read_bytes())


def status_tells_all(pier, gold):
    status = pier.json("status")
    assert status["apps"][0]["state"] == "RUNNING", status["apps"]
    assert status["databases"] and status["synced_tables"] and status["jobs"], status
    text = pier.run("status")
    assert "flightdesk" in text and "delayed_flights" in text, text
    assert "uvicorn" in pier.run("logs", "flightdesk").lower()


def sleeps_and_wakes(pier, url, token):
    pier.run("local", "idle", "--app", "flightdesk", "1s")
    pier.wait_for("the app sleeps", lambda: app(pier)["state"] == "ASLEEP")
    begin = time.monotonic()
    status, _, body = pier.request(url + "/api/health", token=token)
    assert status == 200, body
    print(f"wake: {time.monotonic() - begin:.2f} s", flush=True)


def destroy(pier):
    pier.run("destroy", "--auto-approve")
    assert not pier.json("status")["apps"]


def main(options):
    with Journey(options.pier) as pier:
        scaffold(pier)
        validate(pier)
        plan(pier)
        deploy_killed_in_the_middle(pier)
        gold = data_is_there(pier)
        url, token = app(pier)["url"], pier.run("local", "token").strip()
        the_door_is_guarded(pier, url, token)
        browser(pier, options)
        write_back(pier, url, token)
        url = app(pier)["url"]
        status_tells_all(pier, gold)
        sleeps_and_wakes(pier, url, token)
        destroy(pier)
    return 0


if __name__ == "__main__":
    import argparse

    parser = argparse.ArgumentParser()
    parser.add_argument("--pier", required=True)
    parser.add_argument("--browser-modules", default="")
    parser.add_argument("--picture", default="")
    sys.exit(main(parser.parse_args()))
