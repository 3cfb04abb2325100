"""What starting the program costs."""
import subprocess

from common import compare


def run(bench):
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": bench.env, "check": True}
    yardstick, ours = compare(60, 5, lambda: subprocess.run(["git", "--version"], **quiet),
                              lambda: subprocess.run([bench.pier, "--version"], **quiet))
    bench.add("pier --version", ours, "ms", "git --version", ours / yardstick, "5 ms")
