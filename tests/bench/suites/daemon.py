"""The local workspace itself: its start, its memory, its smallest requests."""
import os
import statistics
import subprocess
import time

from client import Client, Wire
from common import compare

ME = "/api/2.0/preview/scim/v2/Me"
FILE = "/Shared/bench.bin"
FILE_SIZE = 64 * 1024


def run(bench):
    bench.run("local", "start")
    client = Client(bench)
    start(bench, client)
    bench.run("local", "start")
    client = Client(bench)
    me = client.bytes("GET", ME)
    client.send(me)
    memory(bench, client.pid)
    size = len(client.send(me))
    with bench.bare_server(size) as bare:
        ours, yardstick = bench.compare_load([(client.port, me), (bare.port, me)])
    bench.add("GET Me", ours["p50_us"] / 1000, "ms", "bare HTTP server", ours["p50_us"] / yardstick["p50_us"], "0.15 ms")
    file_rounds(bench, client)


def start(bench, client):
    """From exec to the first answer, on the port that the workspace keeps."""
    me = client.bytes("GET", ME)
    times = []
    for _ in range(11):
        bench.run("local", "stop")
        begin = time.perf_counter()
        process = subprocess.Popen([bench.pierd], env=bench.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        wire = Wire.once_open(client.port)
        status, _ = wire.exchange(me)
        times.append((time.perf_counter() - begin) * 1000)
        assert status == 200
        wire.close()
        process.terminate()
        process.wait()
    bench.add("pierd, from exec to the first answer", statistics.median(times), "ms", goal="30 ms")


def memory(bench, pid):
    def of(path, name):
        with open(f"/proc/{pid}/{path}", encoding="utf-8") as lines:
            return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024

    bench.add("pierd at rest, resident", of("status", "VmRSS:"), "MiB", goal="15 MiB")
    bench.add("pierd at rest, its share (PSS)", of("smaps_rollup", "Pss:"), "MiB")


def file_rounds(bench, client):
    content = os.urandom(FILE_SIZE)
    put = client.bytes("POST", f"/api/2.0/workspace-files/import-file{FILE}?overwrite=true", content)
    get = client.bytes("GET", f"/api/2.0/workspace/export?path={FILE}&direct_download=true")

    def ours():
        client.send(put)
        assert client.send(get) == content

    with bench.bare_server(FILE_SIZE) as bare:
        wire = Wire(bare.port)

        def yardstick():
            wire.exchange(put)
            wire.exchange(get)

        mine, theirs = compare(300, 30, ours, yardstick)
    bench.add("64 KiB workspace file, in and out", mine, "ms", "bare HTTP server", mine / theirs, "1 ms")
