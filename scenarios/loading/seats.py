"""Locust in one process: all by itself, a master, or a worker.

    master: workers come -> jobs -> all are ready -> users -> start -> answers -> done -> report
    worker: job -> clocks compared -> stream made -> ready -> start -> answers -> done

Alone, one process is both, and the messages go to itself.
"""

from __future__ import annotations

import csv
import json
import logging
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import gevent
from gevent.event import Event
from locust import User
from locust.env import Environment
from locust.html import get_html_report
from locust.runners import STATE_MISSING, MasterRunner, Runner
from locust.stats import (
    StatsCSV,
    get_error_report_summary,
    get_percentile_stats_summary,
    get_stats_summary,
    stats_history,
)

from scenarios.loading.answers import Reply
from scenarios.loading.job import LATE, LOST, LoadJob, Seat
from scenarios.loading.stand import Stand, heard_on, seat_users, this_machine
from scenarios.loading.users import ShopUser
from scenarios.loading.window.users import WindowUser
from scenarios.measuring.client import DROPPED

LEAD_NS = 100_000_000
"""The start is announced this long ahead."""

STOP_WITHIN_S = 20
READY_WITHIN_S = 60.0
GRACE_S = 60.0
COUNTED_WITHIN_S = 10.0
CLOCK_ROUNDS = 5
PERCENTILES = [0.5, 0.66, 0.75, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 1.0]


def take(seat: Seat) -> int:
    """Do what the seat is for; answers the status of the process."""
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr, format="locust: %(message)s")
    environment = Environment(stop_timeout=STOP_WITHIN_S)
    if seat.role == "worker":
        return _work(environment, seat)
    assert seat.job is not None, "whoever starts a run must have one"
    job = LoadJob.heard(seat.job)
    environment.user_classes = [user_of(job)]
    environment.host = job.front.url if job.front else "stores"
    if seat.role == "master":
        runner: Runner = environment.create_master_runner(seat.master_host, seat.master_port)
    else:
        runner = environment.create_local_runner()
        _Worker(environment, runner)
    return _Master(environment, runner, seat, job).run()


def user_of(job: LoadJob) -> type[User]:
    """The kind of user that plays a job."""
    if job.window is not None:
        return WindowUser
    if job.front is not None:
        return ShopUser
    from scenarios.loading.plan_users import PlanUser  # stores are heavy

    return PlanUser


def _work(environment: Environment, seat: Seat) -> int:
    """Work for a master until it sends us home."""
    try:
        runner = environment.create_worker_runner(seat.master_host, seat.master_port)
    except ConnectionError:
        return LATE
    _Worker(environment, runner)
    stop = Event()
    gevent.signal_handler(signal.SIGTERM, stop.set)
    gevent.spawn(lambda: (runner.greenlet.join(), stop.set()))
    stop.wait()
    return 0


class _Worker:
    """The part of a worker: hears of a job, and plays its share of it."""

    def __init__(self, environment: Environment, runner: Runner) -> None:
        self._environment, self._runner = environment, runner
        self._told: dict[str, Any] = {}
        self._clocks: list[tuple[int, int]] = []  # error, offset
        self._stand: Stand | None = None
        for name, listener in (
            ("load_job", self._job),
            ("load_clock", self._clock),
            ("load_begin", self._begin),
            ("load_stop", self._stop),
        ):
            runner.register_message(name, listener, concurrent=True)
        heard_on(environment.events.test_stopping, lambda **_: self._close())

    def _job(self, environment: Environment, msg: Any) -> None:
        self._told = msg.data
        if msg.data["machine"] == this_machine():
            self._prepare(0, 0)
        else:
            self._ask_time()

    def _ask_time(self) -> None:
        asked = {"worker": self._told["worker"], "asked_ns": time.monotonic_ns()}
        self._runner.send_message("load_time", asked)

    def _clock(self, environment: Environment, msg: Any) -> None:
        """The master's clock, read between two readings of ours."""
        asked_ns, now_ns = msg.data["asked_ns"], time.monotonic_ns()
        offset_ns = msg.data["now_ns"] - (asked_ns + now_ns) // 2
        self._clocks.append(((now_ns - asked_ns) // 2, offset_ns))
        if len(self._clocks) < CLOCK_ROUNDS:
            self._ask_time()
        else:
            self._prepare(*min(self._clocks))

    def _prepare(self, error_ns: int, offset_ns: int) -> None:
        worker = self._told["worker"]
        job = LoadJob.heard(self._told["job"])
        self._stand = Stand(job, worker, self._runner.send_message, offset_ns)
        self._environment.user_classes = [user_of(job)]
        seat_users(self._environment, self._stand)
        self._runner.send_message("load_ready", {"worker": worker, "error_ns": error_ns})

    def _begin(self, environment: Environment, msg: Any) -> None:
        assert self._stand is not None, "a run was begun before its job was told"
        gevent.spawn(self._stand.begin, msg.data["starts_ns"], msg.data["ends_ns"])

    def _stop(self, environment: Environment, msg: Any) -> None:
        self._close()

    def _close(self) -> None:
        if self._stand is not None:
            self._stand.close()


class _Master:
    """The part of a master: hands out jobs, starts the run, gathers answers, writes the report."""

    def __init__(self, environment: Environment, runner: Runner, seat: Seat, job: LoadJob) -> None:
        self._environment, self._runner, self._seat, self._job = environment, runner, seat, job
        self._ready: dict[int, int] = {}
        self._done: set[int] = set()
        self._heard = 0  # requests that the workers told us of; their statistics come later
        self._stopped = Event()
        self._spawned = Event()
        self._spool = Path(seat.spool)
        self._spool.touch()
        for name, listener in (
            ("load_time", self._tell_time),
            ("load_ready", self._hear_ready),
            ("load_answers", self._hear_answers),
            ("load_done", self._hear_done),
        ):
            runner.register_message(name, listener)
        heard_on(environment.events.spawning_complete, lambda **_: self._spawned.set())
        heard_on(environment.events.test_stop, lambda **_: self._stopped.set())
        gevent.signal_handler(signal.SIGTERM, self._stopped.set)

    def run(self) -> int:
        """From the first worker to the report."""
        if not self._gather():
            return LATE
        web = self._open_web()
        if web is None:
            self._runner.start(self._job.users, spawn_rate=max(1, self._job.users))
        status = self._play()
        if web is not None:
            self._runner.stop()
            self._say("over")
            self._wait_for_signal()
            web.stop()
        self._runner.quit()
        self._report()
        return status

    # ------------------------------------------------------------------------------ beforehand

    def _gather(self) -> bool:
        """Wait for the workers, and until each has its job and its stream."""
        workers = self._job.workers
        if isinstance(self._runner, MasterRunner):
            self._say("waiting", workers=workers, port=self._seat.master_port)
            if not self._until(lambda: self._present() >= workers, self._seat.patience_s):
                return False
        told = {"job": self._job.told(), "machine": this_machine()}
        if isinstance(self._runner, MasterRunner):
            for worker, client in enumerate(self._runner.clients.ready[:workers]):
                self._runner.send_message("load_job", told | {"worker": worker}, client.id)
        else:
            self._runner.send_message("load_job", told | {"worker": 0})
        return self._until(lambda: len(self._ready) == workers, READY_WITHIN_S)

    def _present(self) -> int:
        runner = self._runner
        if not isinstance(runner, MasterRunner):
            return 1
        return sum(client.state != STATE_MISSING for client in runner.clients.all)

    def _open_web(self) -> Any:
        if self._seat.web_port < 0:
            return None
        web = self._environment.create_web_ui("127.0.0.1", self._seat.web_port)
        gevent.sleep(0.1)
        self._say("web", port=web.server.server_port if web.server else self._seat.web_port)
        return web

    # ------------------------------------------------------------------------------- the run

    def _play(self) -> int:
        """Start when every user is there; wait until every worker is done."""
        gevent.spawn(stats_history, self._runner)
        while not (self._spawned.is_set() or self._stopped.is_set()):
            gevent.sleep(0.01)
        if self._stopped.is_set() and not self._spawned.is_set():
            self._say("begin", starts_ns=time.monotonic_ns(), error_ns=0)
            return 0
        starts_ns = time.monotonic_ns() + LEAD_NS
        ends_ns = starts_ns + round(self._job.seconds * 1e9)
        self._environment.stats.clear_all()
        self._say("begin", starts_ns=starts_ns, error_ns=max(self._ready.values()))
        self._runner.send_message("load_begin", {"starts_ns": starts_ns, "ends_ns": ends_ns})
        done = self._until(self._all_done, self._job.seconds + GRACE_S, or_stopped=True)
        if not done:
            self._runner.send_message("load_stop", {})
            done = self._until(self._all_done, STOP_WITHIN_S)
        self._until(lambda: self._environment.stats.num_requests >= self._heard, COUNTED_WITHIN_S)
        return 0 if done else LOST

    def _all_done(self) -> bool:
        return len(self._done) == self._job.workers

    def _until(self, true: Any, within_s: float, *, or_stopped: bool = False) -> bool:
        deadline_s = time.monotonic() + within_s
        while not true():
            lost = bool(self._ready) and self._present() < self._job.workers
            if lost or time.monotonic() > deadline_s or (or_stopped and self._stopped.is_set()):
                return False
            gevent.sleep(0.01)
        return True

    def _wait_for_signal(self) -> None:
        self._stopped = Event()
        gevent.signal_handler(signal.SIGTERM, self._stopped.set)
        self._stopped.wait()

    # ------------------------------------------------------------------------- what workers say

    def _tell_time(self, environment: Environment, msg: Any) -> None:
        now = {"asked_ns": msg.data["asked_ns"], "now_ns": time.monotonic_ns()}
        self._runner.send_message("load_clock", now, msg.node_id)

    def _hear_ready(self, environment: Environment, msg: Any) -> None:
        self._ready[msg.data["worker"]] = msg.data["error_ns"]

    def _hear_answers(self, environment: Environment, msg: Any) -> None:
        self._keep(msg.data["worker"], msg.data["rows"])
        self._heard += sum(Reply(*row).outcome != DROPPED for row in msg.data["rows"])

    def _hear_done(self, environment: Environment, msg: Any) -> None:
        self._keep(msg.data["worker"], msg.data)
        self._done.add(msg.data["worker"])

    def _keep(self, worker: int, said: Any) -> None:
        """A few messages a second: each is on disk before the next is heard."""
        with self._spool.open("a", encoding="utf-8") as spool:
            spool.write(json.dumps([worker, said]) + "\n")

    # --------------------------------------------------------------------------- what is told

    def _say(self, event: str, **more: Any) -> None:
        os.write(self._seat.says, json.dumps({"event": event, **more}).encode() + b"\n")

    def _report(self) -> None:
        """Locust's own report: its page, its tables as CSV and as text."""
        folder, stats = Path(self._seat.report), self._environment.stats
        folder.mkdir(parents=True, exist_ok=True)
        lines = [*get_stats_summary(stats, False), "", *get_percentile_stats_summary(stats)]
        if stats.errors:
            lines += ["", *get_error_report_summary(stats)]
        (folder / "locust.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        page_of: Any = get_html_report  # Locust says no types
        page = page_of(self._environment, show_download_link=False)
        (folder / "locust.html").write_text(page, encoding="utf-8")
        writer = StatsCSV(self._environment, PERCENTILES)
        with (folder / "locust_stats.csv").open("w", newline="", encoding="utf-8") as file:
            writer.requests_csv(csv.writer(file))
