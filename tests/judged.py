"""Tests of real time are judged only while the machine keeps time.

A test marked `real_time` that fails is tried again, `TRIALS` times in all, when the witness of the machine
saw it stand still meanwhile; when it did so in each of them, the test is skipped and says so. When the
witness saw nothing the failure stands, and a test that passes is never asked. What was not judged is listed
at the end of every run.

What a test needs from a fixture that heard it once for many tests is not tried again: the value of such a
fixture says by `listened` from when to when it was at work, and that stretch is what counts.

Mark only what measures time. That a line is in the as-run log, that no second was lost unnoticed, that clips
come in their order, holds on every machine: it belongs into a test without the mark, or, in the middle of a
long story, under `on_every_machine`.
"""

from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, runtime_checkable

import pytest
from _pytest.runner import runtestprotocol

from broadcaster.clock import monotonic
from tests.witness import Witness

__all__ = ["Listened", "on_every_machine"]

TRIALS = 3
MARK = "real_time"
NOT_JUDGED = "not judged: the machine stood still for"
EXCUSABLE = (AssertionError, ValueError, IndexError)
"""What a disturbed sound leads to: it is not as asserted, has more pieces, or fewer. A hang is none of it."""

_machine = pytest.StashKey[Witness]()
_began = pytest.StashKey[float]()
_again = pytest.StashKey[bool]()


class NeverExcused(Exception):
    """Something that has nothing to do with time is wrong. The text is that of the assertion."""


@contextmanager
def on_every_machine() -> Iterator[None]:
    """What is asserted here holds on a machine that stands still as well: it is never excused."""
    try:
        yield
    except EXCUSABLE as fault:
        raise NeverExcused(str(fault)) from fault


@runtime_checkable
class Listened(Protocol):
    """What a fixture heard for many tests: from when to when, in monotonic seconds."""

    @property
    def listened(self) -> tuple[float, float]: ...


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{MARK}: is judged only while the machine keeps time")
    config.stash[_machine] = Witness()


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[_machine].stop()


@pytest.fixture(scope="session")
def machine(pytestconfig: pytest.Config) -> Witness:
    """The witness of the machine, at work."""
    pytestconfig.stash[_machine].start()
    return pytestconfig.stash[_machine]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    if item.get_closest_marker(MARK) is None:
        return None
    item.config.stash[_machine].start()
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for _ in range(TRIALS):
        item.stash[_began], item.stash[_again] = monotonic(), False
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
        if not item.stash[_again]:
            break
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when == "call" and _may_be_excused(item, call):
        heard = [value.listened for value in _fixtures(item) if isinstance(value, Listened)]
        stretches = heard or [(item.stash[_began], monotonic())]
        lost = max(item.config.stash[_machine].lost(*stretch) for stretch in stretches)
        if lost:
            assert call.excinfo is not None
            item.stash[_again] = not heard
            path, line, _ = item.reportinfo()
            fault = call.excinfo.exconly(tryshort=True).splitlines()[0][:100]
            why = f"{NOT_JUDGED} {lost:.2f} s while this was listened to, and it failed: {fault}"
            report.outcome, report.longrepr = "skipped", (str(path), (line or 0) + 1, why)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.getreports("skipped")
    found = [report for report in skipped if isinstance(report.longrepr, tuple)]
    lines = [f"{report.nodeid}: {report.longrepr[2]}" for report in found if NOT_JUDGED in report.longrepr[2]]
    if lines:
        terminalreporter.section("not judged, because the machine did not keep time")
        for line in lines:
            terminalreporter.line(line)


def _may_be_excused(item: pytest.Item, call: pytest.CallInfo[None]) -> bool:
    marked = item.get_closest_marker(MARK) is not None
    return marked and call.excinfo is not None and call.excinfo.errisinstance(EXCUSABLE)


def _fixtures(item: pytest.Item) -> Iterable[object]:
    return item.funcargs.values() if isinstance(item, pytest.Function) else ()
