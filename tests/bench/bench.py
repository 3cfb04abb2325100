"""Benchmarks of pier against named yardsticks measured in the same run; called by scripts/bench."""
import argparse
import os
import sys

from common import ROOT, Bench, note
from suites import bundles, daemon, front, gateway, official, sql, start, sync

SUITES = {"start": start.run, "validate": bundles.validate, "daemon": daemon.run, "deploy": bundles.deploy,
          "sql": sql.run, "sync": sync.run, "front": front.run, "gateway": gateway.run, "wake": gateway.wake,
          "official": official.run}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pier", default=str(ROOT / "build" / "release" / "bin" / "pier"))
    parser.add_argument("suites", nargs="*", help="of " + ", ".join(SUITES) + " (default: all)")
    options = parser.parse_args()
    unknown = sorted(set(options.suites) - set(SUITES))
    if unknown:
        parser.error("no such suite: " + ", ".join(unknown))
    note("load of the machine before: %.1f %.1f %.1f" % os.getloadavg())
    bench = Bench(options.pier)
    try:
        for name, suite in SUITES.items():
            if not options.suites or name in options.suites:
                suite(bench)
        print("\n" + bench.table())
    finally:
        bench.close()
    note("load of the machine after: %.1f %.1f %.1f" % os.getloadavg())
    return 0


sys.exit(main())
