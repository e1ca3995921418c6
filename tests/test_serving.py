"""The recommendation service: its log, its model, its addresses, and its end by kill -9."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.cli import main
from shelfspace.serving import DecayedBlend, Event, EventLog, LogError, State, build_app
from shelfspace.serving import log as log_module
from shelfspace.serving.app import LARGEST_BODY
from shelfspace.serving.events import MOST_EVENTS
from shelfspace.serving.state import Model

DAY = 86_400.0
START = 1_500_000_000.0


def basket(
    number: int, household: int = 1, day: float = 0.0, items: tuple[int, ...] = (1,)
) -> dict:
    time = START + day * DAY
    return {"id": f"b{number}", "household": household, "time": time, "items": list(items)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.log"


Client = httpx.AsyncClient
Visit = Callable[[Client], Awaitable[Any]]


def served(path: Path, visit: Visit, *, model: Model | None = None, sync: bool = True) -> Any:
    """What `visit` returns of a client of a service over this log, which is closed afterwards."""

    async def run() -> Any:
        log = EventLog(path, sync=sync)
        try:
            app = build_app(State(model or DecayedBlend(), log))
            transport = httpx.ASGITransport(app)
            async with Client(transport=transport, base_url="http://service") as client:
                return await visit(client)
        finally:
            await log.close()

    return asyncio.run(run())


def posted(path: Path, *bodies: Any, **options: Any) -> list[httpx.Response]:
    async def visit(client: Client) -> list[httpx.Response]:
        return [await client.post("/events", json=body) for body in bodies]

    return served(path, visit, **options)


def got(path: Path, address: str) -> Any:
    return served(path, lambda client: client.get(address)).json()


def replayed(path: Path) -> DecayedBlend:
    model = DecayedBlend()

    async def run() -> None:
        log = EventLog(path)
        try:
            State(model, log)
        finally:
            await log.close()

    asyncio.run(run())
    return model


# ---------------------------------------------------------------------- addresses


def test_a_purchase_is_recommended_to_the_household_and_after_a_restart(path):
    first = basket(1, household=7, items=(30, 10, 10))
    assert [r.json() for r in posted(path, first)] == [{"accepted": True}]
    for _ in range(2):
        assert got(path, "/recommendations/7") == {"household": 7, "items": [10, 30]}
    assert got(path, "/health") == {"events": 1, "newest": START, "problem": None}


def test_an_event_counts_once_however_often_it_is_sent(path):
    responses = posted(path, basket(1), basket(1), [basket(2), basket(1), basket(2)])
    assert [r.status_code for r in responses] == [200] * 3
    assert [r.json()["accepted"] for r in responses] == [True, False, [True, False, False]]
    assert posted(path, basket(2))[0].json() == {"accepted": False}
    assert got(path, "/health")["events"] == 2
    assert replayed(path).counts(1, START) == {1: 2.0}


def test_a_stranger_gets_what_is_popular_and_an_empty_shop_nothing(path):
    assert got(path, "/recommendations/99") == {"household": 99, "items": []}
    posted(path, basket(1, items=(5, 5, 6)), basket(2, household=2, items=(5, 7, 6)))
    assert got(path, "/recommendations/99")["items"] == [5, 6, 7]


GOOD = basket(1)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("{", "not JSON"),
        (b"\xff", "not JSON"),
        ('{"id": NaN}', "not JSON"),
        ([], "0 events"),
        ([basket(n) for n in range(MOST_EVENTS + 1)], "1,001 events"),
        (3, "The event is 3"),
        ([GOOD, None], "Event 1 of the list is null"),
        ({**GOOD, "user": 3}, 'unknown field "user"'),
        *(({k: v for k, v in GOOD.items() if k != f}, f"no `{f}`") for f in GOOD),
        *(({**GOOD, "id": wrong}, "`id`") for wrong in (1, "", "x" * 129, None)),
        *(({**GOOD, "household": wrong}, "`household`") for wrong in (-1, 1.0, "1", True, 2**63)),
        *(({**GOOD, "time": wrong}, "`time`") for wrong in (-1, "now", True, START * 1000, None)),
        *(({**GOOD, "items": wrong}, "`items`") for wrong in ([], 1, None, [1] * 1001)),
        *(({**GOOD, "items": [1, wrong]}, "item 1") for wrong in ("x", -1, 1.5, True, 2**63)),
    ],
)
def test_bad_input_gets_a_sentence_and_changes_nothing(path, body, says):
    content = body if isinstance(body, (str, bytes)) else json.dumps(body)

    async def visit(client: Client) -> tuple[httpx.Response, Any]:
        response = await client.post("/events", content=content)
        return response, (await client.get("/health")).json()

    response, health = served(path, visit)
    assert response.status_code == 422
    sentence = response.json()["error"]
    assert says in sentence
    assert re.fullmatch(r"[A-Z].*: (send|add) .*\.", sentence), sentence
    assert health["events"] == 0


@pytest.mark.parametrize(
    ("method", "address", "status", "says"),
    [
        ("GET", "/recommendations/bob", 422, "'bob'"),
        ("GET", "/recommendations/-1", 422, "'-1'"),
        ("GET", f"/recommendations/{2**63}", 422, "whole number"),
        ("GET", "/recommendations/²", 422, "whole number"),
        ("GET", "/nothing", 404, "/nothing"),
        ("GET", "/events", 405, "POST"),
    ],
)
def test_wrong_addresses_get_a_sentence(path, method, address, status, says):
    response = served(path, lambda client: client.request(method, address))
    assert response.status_code == status
    assert says in response.json()["error"]


def test_a_body_that_is_too_large_is_refused(path):
    response = served(path, lambda client: client.post("/events", content=b"[" * LARGEST_BODY * 2))
    assert response.status_code == 413
    assert "fewer events" in response.json()["error"]


def test_concurrent_posts_lose_nothing(path):
    bodies = [basket(n % 300, household=n % 3, items=(n % 300,)) for n in range(600)]

    async def visit(client: Client) -> int:
        answers = await asyncio.gather(*(client.post("/events", json=body) for body in bodies))
        return sum(answer.json()["accepted"] for answer in answers)

    assert served(path, visit) == 300
    assert replayed(path).popularity(START) == dict.fromkeys(range(300), 1.0)


# ---------------------------------------------------------------------- durability


def test_an_answer_waits_for_the_disk_and_many_share_one_sync(path, monkeypatch):
    syncs, go_on = [], threading.Event()

    def slow_sync(descriptor: int) -> None:
        syncs.append(descriptor)
        assert go_on.wait(30)

    async def visit(client: Client) -> list[Any]:
        monkeypatch.setattr(log_module, "_sync", slow_sync)
        bodies = [basket(0), *(basket(n) for n in range(50)), basket(0)]
        waiting = [asyncio.create_task(client.post("/events", json=body)) for body in bodies]
        while not syncs:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.1)
        assert not any(task.done() for task in waiting)  # not the duplicates either
        assert (await client.get("/recommendations/1")).json()["items"] == []
        go_on.set()
        return [(await task).json()["accepted"] for task in waiting]

    assert served(path, visit) == [True, False, *[True] * 49, False]
    assert len(syncs) <= 2


def test_without_sync_a_record_is_with_the_operating_system_when_it_is_acknowledged(path):
    async def visit(client: Client) -> bytes:
        await client.post("/events", json=basket(12345))
        return path.read_bytes()

    assert b"b12345" in served(path, visit, sync=False)


def test_a_log_that_cannot_be_written_acknowledges_nothing_and_says_so(path, monkeypatch):
    def full(descriptor: int, content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    async def visit(client: Client) -> list[httpx.Response]:
        await client.post("/events", json=basket(0))
        with monkeypatch.context() as patch:
            patch.setattr(log_module.os, "write", full)
            both = [client.post("/events", json=basket(n)) for n in (1, 2)]
            failed = await asyncio.gather(*both)
        return [
            *failed,
            await client.post("/events", json=basket(1)),
            await client.get("/health"),
            await client.get("/recommendations/1"),
        ]

    *failed, health, recommended = served(path, visit)
    for response in failed:
        assert response.status_code == 503
        assert "No space left" in response.json()["error"]
    assert health.status_code == 503
    assert "No space left" in health.json()["problem"]
    assert recommended.json()["items"] == [1]
    assert posted(path, basket(1))[0].json() == {"accepted": True}


def test_a_write_that_was_cut_short_is_cut_off_wherever_it_broke(path, caplog):
    posted(path, basket(1))
    whole = path.read_bytes()
    posted(path, [basket(2), basket(3)])
    longer = path.read_bytes()
    for end in range(len(whole) + 1, len(longer)):
        for tail in (b"", bytes(3)):
            path.write_bytes(longer[:end] + tail)
            caplog.clear()
            assert replayed(path).counts(1, START) == {1: 1.0}
            assert "cut short" in caplog.text
            assert path.read_bytes() == whole
    posted(path, [basket(2), basket(3)])
    assert path.read_bytes() == longer


def test_a_file_that_broke_at_its_birth_is_begun_again(path):
    for beginning in (b"", b"shelfspace ev"):
        path.write_bytes(beginning)
        assert got(path, "/health")["events"] == 0


def test_damage_before_the_end_is_a_sentence_and_the_file_is_left_alone(path):
    posted(path, *(basket(n) for n in range(3)))
    whole = path.read_bytes()
    last = whole.rindex(b"\n", 0, -1) - 17  # where the last frame begins
    for place in range(len(b"shelfspace events 1\n"), last):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(LogError, match=r"damaged at byte \d+.*truncate -s \d+"):
            replayed(path)
        assert path.read_bytes() == damaged


def test_a_file_of_another_kind_is_left_alone(path):
    for content in (b"shelfspace events 2\n", b"x", b"my diary\n" * 9):
        path.write_bytes(content)
        with pytest.raises(LogError, match="another kind"):
            EventLog(path)
        assert path.read_bytes() == content


def test_a_log_has_one_service_at_a_time(path):
    async def visit(client: Client) -> None:
        with pytest.raises(LogError, match="in use"):
            EventLog(path)

    served(path, visit)


# ---------------------------------------------------------------------- the model

events = st.builds(
    Event,
    id=st.integers(0, 40).map(str),
    household=st.integers(0, 3),
    time=st.one_of(
        st.floats(START, START + 400 * DAY),
        st.floats(START, START + DAY),
        st.sampled_from([START, START + DAY, 0.0, 1.7e9]),
    ),
    items=st.lists(st.integers(0, 60), min_size=1, max_size=12).map(tuple),
)
streams = st.lists(events, min_size=1, max_size=40, unique_by=lambda event: event.id)


def by_the_formula(stream: list[Event], half_life: float, time: float) -> dict[int, float]:
    counts: dict[int, float] = {}
    for event in stream:
        for item in event.items:
            counts[item] = counts.get(item, 0.0) + 2.0 ** ((event.time - time) / half_life)
    return counts


def assert_holds(model: DecayedBlend, stream: list[Event]) -> None:
    """The model's state is that of the stream, by the definition of decay."""
    now = max(event.time for event in stream)
    expected = by_the_formula(stream, 7 * DAY, now)
    assert model.popularity(now) == pytest.approx(expected, rel=1e-9, abs=1e-9)
    for household in range(4):
        own = [event for event in stream if event.household == household]
        expected = by_the_formula(own, 84 * DAY, now)
        assert model.counts(household, now) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@settings(deadline=None, max_examples=50)
@given(stream=streams, data=st.data())
def test_neither_order_nor_duplicates_change_the_state(tmp_path_factory, stream, data):
    arrivals = data.draw(st.permutations(stream + data.draw(st.lists(st.sampled_from(stream)))))
    path = tmp_path_factory.mktemp("log") / "events.log"
    model = DecayedBlend()

    async def run() -> None:
        log = EventLog(path, sync=False)
        state = State(model, log)
        for event in arrivals:
            await state.accept([event])
        await log.close()

    asyncio.run(run())
    assert_holds(model, stream)
    assert_holds(replayed(path), stream)


@settings(deadline=None)
@given(stream=streams, k=st.integers(1, 25))
def test_the_recommendation_is_the_best_of_the_whole_catalogue(stream, k):
    model = DecayedBlend(k=k)
    for event in stream:
        model.learn(event.time, event.household, event.items)
    now = max(event.time for event in stream)
    popularity = model.popularity(now)
    total = sum(popularity.values())
    for household in range(5):
        own = model.counts(household, now)
        score = {item: own.get(item, 0) + 200 * p / total for item, p in popularity.items()}
        found = model.predict(now, household)
        assert len(set(found)) == len(found) == min(k, len(score))
        best = sorted(score.values(), reverse=True)[:k]
        assert [score[item] for item in found] == pytest.approx(best, rel=1e-9, abs=1e-12)


def test_decades_between_purchases_neither_overflow_nor_disturb():
    model = DecayedBlend(household_half_life=1 / 96, popularity_half_life=1 / 96)  # 15 minutes
    for time, item in ((0.0, 1), (1.7e9, 2), (1.7e9 - 900, 3), (5.0, 4), (1.7e9, 2)):
        model.learn(time, 1, [item])
    assert model.counts(1, 1.7e9) == pytest.approx({1: 0.0, 2: 2.0, 3: 0.5, 4: 0.0}, rel=1e-12)
    assert model.predict(1.7e9, 1)[:2] == [2, 3]


def test_another_model_can_stand_behind_the_service_and_learns_in_the_logs_order(path):
    class Spy:
        def __init__(self) -> None:
            self.learnt: list[tuple] = []

        def learn(self, time, household, items):
            self.learnt.append((time, household, items))

        def predict(self, time, household):
            return np.arange(3)[::-1] if self.learnt else ()

    async def visit(client: Client) -> Any:
        bodies = [basket(n, household=n) for n in range(40)]
        await asyncio.gather(*(client.post("/events", json=body) for body in bodies))
        return (await client.get("/recommendations/1")).json()

    live, later = Spy(), Spy()
    assert served(path, visit, model=live)["items"] == [2, 1, 0]
    served(path, visit, model=later)
    assert len(live.learnt) == 40
    assert live.learnt == later.learnt


# ---------------------------------------------------------------------- the command


@contextmanager
def running(path: Path, *options: str) -> Iterator[tuple[subprocess.Popen, str]]:
    """`shelfspace serve` on a free port, and its address; ended afterwards if it still runs."""
    command = [sys.executable, "-m", "autograder.cli", "serve", "--port", "0", "--log", str(path)]
    with subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            found = [re.search(r"http://[\d.:]+\d", line) for line in _lines(process.stdout, 2)]
            assert found[-1] is not None
            yield process, found[-1][0]
        finally:
            process.kill()


def _lines(stream: Any, number: int) -> list[str]:
    return [stream.readline() for _ in range(number)]


def test_the_command_serves_and_what_it_acknowledged_survives_kill_9(path):
    with running(path) as (process, url):
        assert httpx.post(f"{url}/events", json=basket(1, items=(4,))).json() == {"accepted": True}
        os.kill(process.pid, signal.SIGKILL)
        process.wait(30)
    with running(path) as (process, url):
        with socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1]))) as half:
            half.sendall(b"POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{")
        assert httpx.post(f"{url}/events", json=basket(1, items=(4,))).json() == {"accepted": False}
        assert httpx.get(f"{url}/recommendations/1").json()["items"] == [4]
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stderr.read() == ""


def test_mistakes_get_a_sentence(path, tmp_path, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (tmp_path / "diary").write_text("Dear diary")
        posted(path, *(basket(n) for n in range(3)))
        (tmp_path / "bad.log").write_bytes(path.read_bytes().replace(b"b1", b"b7"))
        for options, says in (
            (["--port", str(port)], "--port"),
            (["--port", "70000"], "no port 70000"),
            (["--port", "0", "--log", str(tmp_path / "diary")], "another kind"),
            (["--port", "0", "--log", str(tmp_path)], "can't be opened"),
            (["--port", "0", "--log", str(tmp_path / "bad.log")], "truncate -s"),
        ):
            assert main(["serve", "--log", str(path), *options]) == 2
            error = capsys.readouterr().err
            assert says in error
            assert error.startswith("shelfspace: ")
            assert error.count("\n") == 1


@pytest.mark.slow
def test_a_hundred_thousand_events_survive_kill_9_duplicates_and_disorder(path):
    rng = np.random.default_rng(0)
    count, size = 100_000, 500
    households, days = rng.integers(50, size=count).tolist(), rng.uniform(0, 365, count).tolist()
    items = rng.integers(500, size=(count, 1)).tolist()
    stream = [basket(n, households[n], days[n], tuple(items[n])) for n in range(count)]
    sent = rng.permutation(np.r_[np.arange(count), rng.integers(0, count, count // 10)])
    parts = np.array_split(sent, len(sent) // size)
    batches = [json.dumps([stream[n] for n in part]).encode() for part in parts]

    async def send(url: str, waiting: list, kill_at: int, process: subprocess.Popen) -> list:
        """The batches that were acknowledged over 8 connections, until all are sent or a kill."""
        acknowledged = []

        async def connection(client: Client) -> None:
            while waiting:
                batch = waiting.pop()
                try:
                    response = await client.post(f"{url}/events", content=batch)
                except httpx.TransportError:
                    waiting.append(batch)  # nobody knows whether it arrived: again, later
                    return
                acknowledged.append((batch, response.json()["accepted"]))
                if len(waiting) <= kill_at:
                    process.kill()

        async with Client(timeout=60) as client:
            await asyncio.gather(*(connection(client) for _ in range(8)))
        return acknowledged

    waiting = list(batches)
    with running(path) as (process, url):
        before = asyncio.run(send(url, waiting, len(batches) // 2, process))
        process.wait(30)
    assert len(batches) > len(waiting) >= len(batches) // 2 - 8

    with running(path) as (process, url):
        again = asyncio.run(send(url, [batch for batch, _ in before], -1, process))
        assert not any(any(accepted) for _, accepted in again)  # it has every one of them
        asyncio.run(send(url, waiting, -1, process))
        assert httpx.get(f"{url}/health").json()["events"] == count
        process.kill()

    model, clean = replayed(path), DecayedBlend()
    for event in sorted(stream, key=lambda event: event["time"]):
        clean.learn(event["time"], event["household"], event["items"])
    now = max(event["time"] for event in stream)
    assert_close(model.popularity(now), clean.popularity(now))
    for household in range(50):
        assert_close(model.counts(household, now), clean.counts(household, now))


def assert_close(found: dict[int, float], expected: dict[int, float]) -> None:
    """As `pytest.approx` would have it, at once."""
    assert found.keys() == expected.keys()
    values = [expected[key] for key in found]
    np.testing.assert_allclose(list(found.values()), values, rtol=1e-9, atol=1e-9)
