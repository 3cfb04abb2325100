"""pier and the official CLI take turns on one target, for every kind of resource.

Each file of kinds/ is one bundle with its later stages in comments: `value # update: other` is changed in place,
`value # recreate: other` makes a new resource. Per kind four runs, each deploying stage after stage and planning
between: official and pier in turns in one folder; pier and official, each in a folder of its own, so that the state
comes from the workspace; and for both the official CLI alone. Plans, states, what is printed, requests that change
something and exit codes of a mixed run must be those of the official CLI alone, step by step.

  DATABRICKS_CLI    the official program; without it nothing runs (exit 77)
  DATABRICKS_HOST   with DATABRICKS_TOKEN: a workspace that offers the kinds
  PIERD             otherwise a local workspace is started, for the kinds that it offers
  PIER              the program under test

Usage: turns_test.py [KIND ...]
"""

import concurrent.futures
import difflib
import json
import os
import pathlib
import random
import re
import shutil
import string
import subprocess
import sys
import tempfile

from recorder import Recorder
from target_workspace import GivenWorkspace, StartedWorkspace

HERE = pathlib.Path(__file__).parent
STAGE = re.compile(r"^(?P<head>.*?[:\-] )(?P<value>\S.*?) # (?P<stage>update|recreate): (?P<new>.*)$")
STAGES = ("first", "update", "recreate")
SKIPPED = 77

# What differs from run to run and from program to program without meaning anything.
NOISE = (
    (re.compile(r"Warn: State was last deployed with CLI version \S+ but current version is \S+\\n"), ""),
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){2,3}-[0-9a-f]+\b"), "<uuid>"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[0-9.]*Z?"), "<time>"),
    (re.compile(r"\b\d{6,}\b"), "<number>"),
    (re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{16,}\b"), "<hex>"),
    # The local workspace counts its jobs and runs from 1, and its apps listen on ports of their own.
    (re.compile(r'("__id__": "|/jobs/|/runs/|: id=|"(job|run)_id\\?": )\d+'), r"\1<number>"),
    (re.compile(r"http://127\.0\.0\.1:\d+"), "<host>"),
    (re.compile(r"\bapp-[0-9a-f]{6}\b"), "<app>"),
)


def quiet(text):
    for pattern, word in NOISE:
        text = pattern.sub(word, text)
    return text


def render(text, stage):
    """The bundle at one of STAGES; None if the file does not know it."""
    reached = STAGES.index(stage)
    known = stage == "first"
    lines = []
    for line in text.splitlines():
        found = STAGE.match(line)
        if found:
            known = known or found["stage"] == stage
            changed = STAGES.index(found["stage"]) <= reached
            line = found["head"] + (found["new"] if changed else found["value"])
        lines.append(line)
    return "\n".join(lines) + "\n" if known else None


class Program:
    def __init__(self, name, path):
        self.name, self.path = name, path

    def run(self, folder, env, *arguments):
        done = subprocess.run([self.path, "bundle", *arguments], cwd=folder, env=env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=600)
        return done.returncode, done.stdout, done.stderr


class Kind:
    """One file of kinds/, its names made unique."""

    def __init__(self, path, run, workspace):
        self.name = path.stem
        text = path.read_text()
        for word, value in {"RUN": run, **workspace.words}.items():
            text = re.sub(rf"(?<![A-Z])(?<![A-Z]_){word}(?![A-Z])", value, text)
        self.text = text
        self.bundle = f"mixed-{run}"

    def stages(self):
        return [stage for stage in STAGES if render(self.text, stage)]

    def write(self, folder, stage):
        if not folder.exists():
            shutil.copytree(HERE / "files", folder)
        (folder / "databricks.yml").write_text(render(self.text, stage))


class Turns:
    """One run over all stages; the two programs take turns. The steps are what is compared."""

    def __init__(self, kind, programs, together, top, workspace, recorder):
        self.kind, self.programs, self.workspace, self.recorder = kind, programs, workspace, recorder
        self.env = workspace.environment(recorder.url)
        self.folders = [top / "one", top / ("one" if together else "two")]
        self.steps = []

    def run(self):
        try:
            for number, stage in enumerate(self.kind.stages()):
                self.deploy(stage, number % 2)
                self.plan(f"plan after {stage}", (number + 1) % 2)
        finally:
            self.command("destroy", 0, "destroy", "--auto-approve")
        return self.steps

    def deploy(self, stage, turn):
        for folder in self.folders:
            self.kind.write(folder, stage)
        self.plan(f"plan of {stage}", turn)
        self.command(f"deploy of {stage}", turn, "deploy", "--auto-approve")

    def plan(self, step, turn):
        code, out, err = self.programs[turn].run(self.folders[turn], self.env, "plan", "-o", "json")
        self.note(step, turn, {"exit": code, "stderr": err, "plan": comparable(json.loads(out) if code == 0 else {})})

    def command(self, step, turn, *arguments):
        self.recorder.taken()
        code, out, err = self.programs[turn].run(self.folders[turn], self.env, *arguments)
        self.note(step, turn, {"exit": code, "stdout": out, "stderr": err, "requests": self.recorder.taken(),
                               "state": comparable(self.workspace.state(self.kind.bundle))})

    def note(self, step, turn, what):
        self.steps.append((step, self.programs[turn].name, what))


def comparable(record):
    """A plan or a state without the names of its maker."""
    return {name: value for name, value in record.items() if name not in ("cli_version", "lineage")}


def text_of(what):
    what = dict(what, requests=sorted(map(quiet, what.get("requests", []))))
    return quiet(json.dumps(what, indent=1, sort_keys=True)).splitlines()


def compare(alone, mixed):
    """Lines that tell where a mixed run differs from the official CLI alone."""
    lines = []
    for (step, _, expected), (_, program, actual) in zip(alone, mixed):
        lines += difflib.unified_diff(text_of(expected), text_of(actual), f"official alone: {step}",
                                      f"{program}: {step}", lineterm="", n=2)
    return lines


def check(path, number, official, pier, workspace, top):
    run = "".join(random.choices(string.ascii_lowercase, k=4)) + string.ascii_lowercase[number % 26]
    kind = Kind(path, run, workspace)
    recorder = Recorder(workspace.url)
    report = []

    def run_over(together, *programs):
        folder = top / kind.name
        folder.mkdir()
        try:
            return Turns(kind, programs, together, folder, workspace, recorder).run()
        finally:
            shutil.rmtree(folder)

    for together, programs in ((True, (official, pier)), (False, (pier, official))):
        alone = run_over(together, official, official)
        failed = [f"{step}: {what['stderr'].strip()}" for step, _, what in alone if what["exit"] != 0]
        if failed:
            report.append(f"  the official CLI alone fails, {failed[0]}")
            break
        if difference := compare(alone, run_over(together, *programs)):
            report += [f"  {programs[0].name}, then {programs[1].name}:", *("    " + line for line in difference)]
    recorder.stop()
    return kind.name, report


def main(names):
    official = os.environ.get("DATABRICKS_CLI")
    if not official:
        print("skipped: DATABRICKS_CLI names no official program to take turns with")
        return SKIPPED
    paths = sorted((HERE / "kinds").glob("*.yml"))
    top = pathlib.Path(tempfile.mkdtemp(prefix="pier-turns-"))
    given = "DATABRICKS_HOST" in os.environ
    workspace = GivenWorkspace(top) if given else StartedWorkspace(top)
    try:
        if unknown := set(names) - {path.stem for path in paths}:
            print("no such kind: " + ", ".join(sorted(unknown)))
            return 2
        if names:
            paths = [path for path in paths if path.stem in names]
        elif not given:
            paths = [path for path in paths if path.stem in StartedWorkspace.KINDS]
        programs = Program("official", official), Program("pier", os.environ["PIER"])
        failed = 0
        with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            jobs = [pool.submit(check, path, number, *programs, workspace, top) for number, path in enumerate(paths)]
            for job in concurrent.futures.as_completed(jobs):
                name, report = job.result()
                failed += bool(report)
                print(("differs " if report else "equal   ") + name, *report, sep="\n" if report else "", flush=True)
        print(f"{len(paths) - failed} of {len(paths)} kinds equal")
        return 1 if failed else 0
    finally:
        workspace.stop()
        shutil.rmtree(top)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
