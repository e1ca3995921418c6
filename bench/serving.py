"""The recommendation service under load, beside an empty endpoint of the same framework.

    python bench/serving.py            (about two minutes; needs wrk: `apt-get install wrk`)

Fills a log with the year's baskets and starts three processes, all by the same framework and
server: an endpoint that returns nothing, the service, and an empty one that syncs nothing. Then
wrk, a load generator in a process of its own, asks each in turn for a second, round after round,
over 1 and over 8 connections. A share is the median, over rounds, of a target's requests per second
to the empty endpoint's in the same round; by CPU it is the ratio of the processor time that the
servers' processes took per request, which other work on the machine disturbs less. Everything stays
on this machine's loopback address. bench/results/serving.json is written.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

ROUNDS, SECONDS, CONNECTIONS = 5, 1, (1, 8)
HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "serving.json"
LIBRARIES = ("starlette", "uvicorn", "uvloop", "httptools", "orjson", "numpy")
HOUSEHOLDS = 2_469
_CPU = "server CPU us per request"

# What wrk sends: recommendations for any household, and new baskets of ten items (an id is new in
# every run, thread and call).
RECOMMENDATIONS = f"""
math.randomseed(1)
request = function()
  return wrk.format("GET", "/recommendations/" .. math.random(1, {HOUSEHOLDS}))
end
"""
EVENTS = f"""
math.randomseed(os.time())
local run, count = "RUN", 0
wrk.headers["Content-Type"] = "application/json"
request = function()
  count = count + 1
  local items = {{}}
  for place = 1, 10 do items[place] = 1000000 + math.random(1, 2000) end
  return wrk.format("POST", "/events", nil, string.format(
    '{{"id": "%s-%d", "household": %d, "time": 1514764800, "items": [%s]}}',
    run, count, math.random(1, {HOUSEHOLDS}), table.concat(items, ",")))
end
"""


async def _nothing(request: Request) -> Response:
    return Response(b"{}", media_type="application/json")


empty = Starlette(routes=[Route("/", _nothing)])
"""What the service is compared with."""


def main() -> None:
    if shutil.which("wrk") is None:
        sys.exit("bench/serving.py: There is no wrk here: `apt-get install wrk`.")
    with tempfile.TemporaryDirectory() as name, ExitStack() as running:
        folder = Path(name)
        baskets = _write_log(folder / "synced.log")
        nothing = running.enter_context(_empty())
        synced = running.enter_context(_service(folder / "synced.log"))
        unsynced = running.enter_context(_service(folder / "empty.log", "--no-sync"))
        targets = {
            "empty endpoint": (nothing, ""),
            "GET /recommendations": (synced, RECOMMENDATIONS),
            "POST /events": (synced, EVENTS),
            "POST /events, no sync": (unsynced, EVENTS),
        }
        load_before = os.getloadavg()[0]
        rows = [row for c in CONNECTIONS for row in _rounds(targets, c, folder)]
        record = {
            "command": "python bench/serving.py",
            "baskets": baskets,
            "log_megabytes": round((folder / "synced.log").stat().st_size / 1e6, 1),
            "replay_seconds": float(_found(r"in ([\d.]+) seconds", synced.first_line)[0]),
            "rounds": ROUNDS,
            "seconds_per_round": SECONDS,
            "cores": os.cpu_count(),
            "load of other work": round(load_before, 1),
            "table": rows,
            "python": platform.python_version(),
            **{name: version(name) for name in LIBRARIES},
        }
    RESULTS.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


# ---------------------------------------------------------------------- what is asked


class _Server:
    """A process that serves, its address, and what it said first."""

    def __init__(self, process: subprocess.Popen, url: str, first_line: str) -> None:
        self.process, self.url, self.first_line = process, url, first_line

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return sum(int(field) for field in fields[11:13]) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _started(command: list[str]) -> Iterator[_Server]:
    with subprocess.Popen(
        [sys.executable, "-u", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            first = ""
            for line in process.stdout:
                first = first or line.strip()
                if found := re.search(r"running on (http://[\d.:]+)|(http://[\d.:]+\d)", line):
                    yield _Server(process, found[1] or found[2], first)
                    return
            sys.exit(f"bench/serving.py: A server did not start: {first}")
        finally:
            process.kill()


def _empty() -> Any:
    command = ["uvicorn", "serving:empty", "--app-dir", str(HERE), "--port", "0"]
    return _started(["-m", *command, "--no-access-log"])


def _service(path: Path, *options: str) -> Any:
    return _started(["-m", "autograder.cli", "serve", "--port", "0", "--log", str(path), *options])


def _write_log(path: Path) -> int:
    """A log of all baskets of the year; how many there are."""
    import asyncio

    from shelfspace.data import load_journey
    from shelfspace.serving import Event, EventLog

    lines = load_journey().transactions
    times = lines["timestamp"].astype("datetime64[s]").astype("int64").tolist()
    items, households = lines["product_id"].tolist(), lines["household_id"].tolist()
    basket = lines["basket_id"].to_numpy()
    starts = np.flatnonzero(np.r_[True, basket[1:] != basket[:-1]]).tolist()
    records = [
        Event(f"b{place}", households[place], float(times[place]), tuple(items[place:end])).record()
        for place, end in pairwise([*starts, len(items)])
    ]

    async def write() -> None:
        log = EventLog(path)
        for place in range(0, len(records), 100):
            await log.append(records[place : place + 100])
        await log.close()

    asyncio.run(write())
    return len(records)


# ---------------------------------------------------------------------- asking


def _rounds(
    targets: dict[str, tuple[_Server, str]], connections: int, folder: Path
) -> list[dict[str, Any]]:
    found: dict[str, list[dict[str, float]]] = {name: [] for name in targets}
    for number in range(ROUNDS):
        for name, (server, script) in targets.items():
            run = f"{connections}-{number}-{time.time_ns()}"
            found[name].append(_ask(server, connections, script.replace("RUN", run), folder))
    base = [one["requests/s"] for one in found["empty endpoint"]]
    rows: list[dict[str, Any]] = []
    for name, measured in found.items():
        row: dict[str, Any] = {"target": name, "connections": connections}
        for figure in measured[0]:
            row[figure] = round(median(one[figure] for one in measured), 3)
        cpu = rows[0][_CPU] if rows else row[_CPU]
        shares = [one["requests/s"] / all_ for one, all_ in zip(measured, base, strict=True)]
        row["share of empty"] = round(median(shares), 3)
        row["share of empty, by CPU"] = round(cpu / row[_CPU], 3)
        row["shares"] = [round(share, 3) for share in shares]
        rows.append(row)
        print(row, flush=True)
    return rows


def _ask(server: _Server, connections: int, script: str, folder: Path) -> dict[str, float]:
    """One second of requests, each connection sending the next as soon as it has its answer."""
    lua = folder / "requests.lua"
    lua.write_text(script, "utf-8")
    command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency", "-s", str(lua)]
    before = server.cpu_seconds()
    out = subprocess.run(
        [*command, server.url], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    cpu = server.cpu_seconds() - before
    if "Non-2xx" in out or "Socket errors" in out:
        sys.exit(f"bench/serving.py: Requests failed:\n{out}")
    requests = int(_found(r"(\d+) requests in", out)[0])
    return {
        "requests/s": float(_found(r"Requests/sec: +([\d.]+)", out)[0]),
        "p50 ms": _milliseconds(*_found(r"50% +([\d.]+)(us|ms|s)", out)),
        "p99 ms": _milliseconds(*_found(r"99% +([\d.]+)(us|ms|s)", out)),
        _CPU: 1e6 * cpu / requests,
    }


def _found(pattern: str, text: str) -> tuple[str, ...]:
    found = re.search(pattern, text)
    if found is None:
        sys.exit(f"bench/serving.py: wrk printed something else:\n{text}")
    return found.groups()


def _milliseconds(number: str, unit: str) -> float:
    return float(number) * {"us": 1e-3, "ms": 1.0, "s": 1e3}[unit]


if __name__ == "__main__":
    main()
