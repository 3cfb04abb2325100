"""Statements over Delta: one, many at a time, and what a long one does to everybody else."""
import statistics
import threading

from client import Client
from common import median_ms

TABLE = "main.default.bench"
QUERY = f"SELECT k, count(*), sum(v) FROM {TABLE} GROUP BY k"
# What reads the time is planned and computed at every run; without it the result comes from the cache of results.
COMPUTED = f"SELECT k, count(*), sum(v) FROM {TABLE} WHERE now() IS NOT NULL GROUP BY k"
LONG = "SELECT sum(a.id * b.id) FROM range(60000) a CROSS JOIN range(20000) b"


def run(bench):
    bench.run("local", "start")
    client = Client(bench)
    client.statement(f"CREATE OR REPLACE TABLE {TABLE} AS SELECT id, id % 10 AS k, id * 1.5 AS v FROM range(10000)")
    assert len(client.statement(QUERY)["result"]["data_array"]) == 10
    for what, sql, goal in (
            ("GROUP BY over 10,000 Delta rows", COMPUTED, "2.5 ms"),
            ("GROUP BY from the cache of results", QUERY, "")):
        prepared = client.bytes("POST", "/api/2.0/sql/statements", client.statement_body(sql))
        bench.add(what, median_ms(lambda: client.send(prepared)), "ms", goal=goal)
        rates = [[bench.load(client.port, prepared, clients, 1.0)["rps"] for clients in (1, 8)] for _ in range(5)]
        single, many = (statistics.median(column) for column in zip(*rates))
        bench.add(what + ", 8 clients", many, "statements/s", "one client", many / single, "2 x")

    me = client.bytes("GET", "/api/2.0/preview/scim/v2/Me")
    done = threading.Event()

    def long_statement():
        Client(bench).statement(LONG)
        done.set()

    runner = threading.Thread(target=long_statement)
    runner.start()
    slowest = 0.0
    while not done.is_set():
        slowest = max(slowest, bench.load(client.port, me, seconds=0.5)["max_us"] / 1000)
    runner.join()
    bench.add("slowest GET Me during a long statement", slowest, "ms", goal="100 ms")
