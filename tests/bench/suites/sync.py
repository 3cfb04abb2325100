"""Snapshot sync of a table like the flight desk's gold table, against one server-side COPY of the same rows."""
import shutil
import statistics

from client import Client
from common import milliseconds, wait_for
from suites import lakebase

SIZES = (28_317, 336_776)  # the delayed flights of 2013, and all of them
DATABASE = "bench"
ROUNDS = 7

# Types and lengths as in templates/fullstack: a text key, a date, names, numbers, some NULLs.
COLUMNS = """
  concat('HA', CAST(id AS STRING), '-JFK-2013-01-09') AS flight_id,
  CAST('2013-01-01' AS DATE) + CAST(id % 365 AS INT) AS flight_date,
  concat(CAST(10 + id % 13 AS STRING), ':', CAST(10 + id % 49 AS STRING)) AS sched_dep_time,
  concat('H', CAST(id % 10 AS STRING)) AS carrier,
  concat('Hawaiian Airlines Inc. ', CAST(id % 16 AS STRING)) AS airline,
  CAST(id % 5000 AS INT) AS flight,
  'JFK' AS origin,
  'John F Kennedy Intl' AS origin_airport,
  concat('D', CAST(id % 100 AS STRING)) AS dest,
  concat('Honolulu International ', CAST(id % 100 AS STRING)) AS dest_airport,
  CAST(60 + id % 900 AS DOUBLE) AS dep_delay,
  CAST(60 + id % 1200 AS DOUBLE) AS arr_delay,
  CAST(100 + id % 4900 AS DOUBLE) AS distance,
  concat('N', CAST(id % 4000 AS STRING), 'HA') AS tailnum,
  CASE WHEN id % 7 = 0 THEN NULL ELSE concat('AIRBUS A330-', CAST(id % 300 AS STRING)) END AS aircraft,
  CASE WHEN id % 7 = 0 THEN NULL ELSE CAST(id % 450 AS INT) END AS seats,
  CAST(id % 100 AS DOUBLE) + 0.04 AS temp,
  CAST(id % 40 AS DOUBLE) * 1.15078 AS wind_speed,
  CAST(0 AS DOUBLE) AS precip,
  CAST(10 AS DOUBLE) AS visib,
  CAST(75 + id % 4 * 100 AS INT) AS proposed_amount
"""


def run(bench):
    bench.run("local", "start")
    client = Client(bench)
    lakebase.ensure_instance(client)
    client.call("POST", "/api/2.0/database/catalogs",
                {"name": "bench_db", "database_instance_name": lakebase.INSTANCE, "database_name": DATABASE,
                 "create_database_if_not_exists": True})
    for rows in SIZES:
        source = f"main.default.gold_{rows}"
        client.statement(f"CREATE OR REPLACE TABLE {source} AS SELECT {COLUMNS} FROM range({rows})")
        measure(bench, client, source, rows)


def measure(bench, client, source, rows):
    name = f"bench_db.default.flights_{rows}"
    pipeline = client.call(
        "POST", "/api/2.0/database/synced_tables",
        {"name": name, "spec": {"source_table_full_name": source, "primary_key_columns": ["flight_id"],
                                "scheduling_policy": "SNAPSHOT", "create_database_objects_if_missing": True,
                                "new_pipeline_spec": {"storage_catalog": "main", "storage_schema": "default"}}}
    )["data_synchronization_status"]["pipeline_id"]
    finish(client, pipeline)
    yardstick = ServerCopy(bench, f'"default".flights_{rows}', rows)
    ours, copies, keyed = [], [], []
    for _ in range(ROUNDS):
        ours.append(milliseconds(lambda: refresh(client, pipeline)))
        copy, key = yardstick.run()
        copies.append(copy)
        keyed.append(copy + key)
    yardstick.remove()
    ours, copies, keyed = (statistics.median(one) for one in (ours, copies, keyed))
    bench.add(f"snapshot sync, {rows:,} rows", ours, "ms", "one server-side COPY", ours / copies, "2 x")
    bench.add(f"snapshot sync, {rows:,} rows", ours, "ms", "server-side COPY and primary key", ours / keyed)


def refresh(client, pipeline):
    client.call("POST", f"/api/2.0/pipelines/{pipeline}/updates", {"full_refresh": True})
    finish(client, pipeline)


def finish(client, pipeline):
    asked = client.bytes("GET", f"/api/2.0/pipelines/{pipeline}/updates/{pipeline}")

    def completed():
        answer = client.send(asked)
        if b'"FAILED"' in answer:
            raise RuntimeError(answer.decode())
        return b'"COMPLETED"' in answer

    wait_for("the table is synced", completed, pause=0.002)


class ServerCopy:
    """COPY BINARY of the same rows from a file of the server's machine into a table of the same shape."""

    def __init__(self, bench, table, rows):
        self.bench = bench
        self.rows = rows
        self.folder = bench.folder / "copy"
        self.folder.mkdir()
        self.folder.chmod(0o777)
        self.file = self.folder / "rows"
        self.table = table
        lakebase.superuser(bench, f"COPY {table} TO '{self.file}' (FORMAT binary)", DATABASE)

    def run(self):
        """Milliseconds of the COPY, and of the primary key and statistics after it."""
        out = lakebase.superuser(
            self.bench, "DROP TABLE IF EXISTS yardstick;\n"
            f"CREATE TABLE yardstick (LIKE {self.table});\n\\timing on\n"
            f"COPY yardstick FROM '{self.file}' (FORMAT binary);\n"
            "ALTER TABLE yardstick ADD PRIMARY KEY (flight_id);\nANALYZE yardstick;\n\\timing off\n"
            "SELECT 'rows ' || count(*) FROM yardstick;\n", DATABASE)
        lines = out.split("\n")
        assert f"rows {self.rows}" in lines, out
        copy, key, statistic = (float(line.split()[1]) for line in lines if line.startswith("Time:"))
        return copy, key + statistic

    def remove(self):
        lakebase.superuser(self.bench, "DROP TABLE yardstick", DATABASE)
        shutil.rmtree(self.folder)
