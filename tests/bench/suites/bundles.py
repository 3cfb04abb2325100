"""Bundles of many jobs: validated offline, deployed with nothing to do."""
from common import median_ms


def write_bundle(folder, jobs, name="bench"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sql").mkdir(exist_ok=True)
    (folder / "sql" / "one.sql").write_text("SELECT 1;\n")
    lines = ["bundle:", f"  name: {name}", "resources:", "  jobs:"]
    for i in range(jobs):
        lines += [f"    job_{i}:", f"      name: job {i}", "      tasks:", "        - task_key: one",
                  "          sql_task:", "            warehouse_id: abc", "            file:",
                  "              path: sql/one.sql"]
    (folder / "databricks.yml").write_text("\n".join(lines) + "\n")


def validate(bench):
    for jobs in (1, 100, 1000):
        folder = bench.folder / f"bundle{jobs}"
        write_bundle(folder, jobs)
        value = median_ms(lambda: bench.run("validate", cwd=folder), rounds=15, warm=2)
        bench.add(f"validate, {jobs} resources", value, "ms", goal="50 ms" if jobs == 100 else "")


def deploy(bench):
    folder = bench.folder / "deploy100"
    write_bundle(folder, 100)
    bench.run("deploy", "--local", "--auto-approve", cwd=folder)
    value = median_ms(lambda: bench.run("deploy", "--local", "--auto-approve", cwd=folder), rounds=11, warm=2)
    bench.add("deploy with nothing to do, 100 resources", value, "ms")
