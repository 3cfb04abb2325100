#!/usr/bin/env python3
"""`pier sql` against a real warehouse and `pier psql` with the machine's psql through the front of a real instance."""
import argparse
import json
import subprocess

from journey import Journey


def feed(pier, text, *arguments):
    """stdout, stderr and exit code of a command that reads `text`."""
    done = subprocess.run([pier.pier, *arguments], cwd=pier.folder, env=pier.env, input=text, capture_output=True,
                          text=True, timeout=300)
    return done.stdout, done.stderr, done.returncode


def formats(pier):
    statement = "SELECT 12345678901234567 AS n, 1.50BD AS d, 'x,\"y' AS t, NULL AS e, array(1, 2) AS l"
    lines = pier.run("sql", statement).splitlines()
    assert lines[2].split(" | ") == ["12345678901234567", "1.50", 'x,"y', "NULL", "[1,2]"], lines
    assert lines[3] == "(1 row)", lines
    assert pier.run("sql", statement, "--format", "csv") == ('n,d,t,e,l\n12345678901234567,1.50,"x,""y",,"[1,2]"\n')
    text = pier.run("sql", statement, "-o", "json")
    assert '[[12345678901234567,1.50,"x,\\"y",null,[1,2]]]' in text, text
    assert [column["name"] for column in json.loads(text)["columns"]] == ["n", "d", "t", "e", "l"]


def pages(pier):
    lines = pier.run("sql", "SELECT id, repeat('x', 100) FROM range(150000)", "--format", "csv").splitlines()
    assert len(lines) == 150_001
    assert {int(line.split(",")[0]) for line in lines[1:]} == set(range(150_000))


def scripts(pier):
    script = "CREATE TABLE main.default.s AS SELECT 1 AS a; -- not; here\nUSE SCHEMA default;\nSELECT a FROM s;\n"
    (pier.folder / "script.sql").write_text(script)
    out = pier.run("sql", "-f", "script.sql", "--format", "csv")
    assert out.endswith("a\n1\n"), out
    out, err, code = feed(pier, "SELECT :n AS n;\nSELECT 2 AS m", "sql", "-f", "-", "--format", "csv", "--param", "n=x")
    assert (out, code) == ("n\nx\nm\n2\n", 0), (out, err, code)
    # The first that fails ends the run.
    out, err, code = feed(pier, "SELECT 1 AS a; SELECT nope; SELECT 3 AS c", "sql", "-f", "-", "--format", "csv")
    assert code == 1 and out == "a\n1\n", (out, err, code)


def errors(pier):
    pier.run("sql", "SELECT id\nFRM range(3)", check=False)
    assert pier.last_exit == 1
    assert "[PARSE_SYNTAX_ERROR]" in pier.last_error
    lines = pier.last_error.splitlines()
    at = next(i for i, line in enumerate(lines) if line.endswith("| FRM range(3)"))
    assert lines[at + 1].endswith("|     ^"), pier.last_error
    pier.run("sql", check=False)
    assert pier.last_exit == 2


def psql(pier):
    bundle = pier.bundle
    bundle.mkdir()
    (bundle / "databricks.yml").write_text("bundle:\n  name: tiny\nresources:\n  database_instances:\n    shop:\n"
                                           "      name: shop\n      capacity: CU_1\ntargets:\n  dev:\n"
                                           "    default: true\n")
    pier.run("deploy")
    out = pier.run("psql", "shop", "-c", "SELECT current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    assert "owner@pier.local" in out, out
    out, err, code = feed(pier, "CREATE TABLE public.t (a int);\nINSERT INTO t VALUES (1), (2);\n\\pset format csv\n"
                          "SELECT sum(a) FROM t;\n", "psql")
    assert code == 0 and out.endswith("sum\n3\n"), (out, err, code)
    pier.run("psql", "-c", "SELECT nope", check=False)
    assert pier.last_exit == 1 and 'column "nope" does not exist' in pier.last_error
    pier.run("psql", "shpo", check=False)
    assert pier.last_exit == 1 and "did you mean shop?" in pier.last_error, pier.last_error


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pier", required=True)
    parser.add_argument("--browser-modules")
    options = parser.parse_args()
    with Journey(options.pier, "sql") as pier:
        for step in (formats, pages, scripts, errors, psql):
            step(pier)


main()
