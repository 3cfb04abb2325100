"""Makes the virtual environment of the conformance tests: make_environment.py FOLDER. A second run does nothing."""

import fcntl
import pathlib
import subprocess
import sys


def main(folder):
    wanted = (pathlib.Path(__file__).parent / "requirements.txt").read_text()
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = folder / "made-from.txt"
        if made.exists() and made.read_text() == wanted:
            return
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder / "venv"], check=True)
        requirements = pathlib.Path(__file__).parent / "requirements.txt"
        pip = [folder / "venv" / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", requirements], check=True)
        made.write_text(wanted)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
