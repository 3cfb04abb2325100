"""The rapid path by the real binary: a Streamlit app over a Delta table through the SQL warehouse, in a browser."""
import argparse
import json
import pathlib
import subprocess
import sys

from journey import Journey

HERE = pathlib.Path(__file__).resolve().parent


def main(options):
    with Journey(options.pier, "board") as pier:
        pier.run("init", "streamlit", "board")
        pier.run("validate", "--strict")
        pier.run("deploy", "--auto-approve")
        [[flights]] = pier.sql("SELECT count(*) FROM main.board.delayed_flights")
        link = pier.run("open", "board", "--print").strip()
        done = subprocess.run(["node", str(HERE / "browser" / "streamlit.mjs"), link],
                              env=dict(pier.env, PIER_BROWSER_MODULES=options.browser_modules, HOME=str(pier.home)),
                              capture_output=True, text=True, timeout=180)
        assert done.returncode == 0, done.stdout + done.stderr
        shown = json.loads(done.stdout)
        print(f"browser: {shown}", flush=True)
        assert shown["flights"] == flights > 20_000, (shown, flights)
        assert shown["person"] == "owner@pier.local", shown
        pier.run("destroy", "--auto-approve")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--pier", required=True)
    parser.add_argument("--browser-modules", required=True)
    sys.exit(main(parser.parse_args()))
