"""Only a machine that stood still excuses a failure, and only that of a test of real time."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from broadcaster.clock import monotonic
from tests.witness import LONG, Witness

BEGINNING = """
import os, pytest, signal, threading, time
from types import SimpleNamespace
from broadcaster.clock import monotonic
from tests.judged import on_every_machine

def stand_still(machine, seconds=0.1):  # to a witness that is stopped its processor seems to be taken away
    for number in machine.processes:
        os.kill(number, signal.SIGSTOP)
    time.sleep(seconds)
    for number in machine.processes:
        os.kill(number, signal.SIGCONT)

"""
TIMES = 8
"""So often is looked whether all is calm: a machine that does stand still now and then has its pauses."""
BUSY = """
import threading, time
def work():
    while time.monotonic() < end: sum(range(10_000))
end = time.monotonic() + 0.4
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


class Suite:
    """A suite of its own that has the same rule."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        pytester.makeconftest('pytest_plugins = ["tests.judged"]')
        self._pytester = pytester

    def run(self, tests: str) -> pytest.RunResult:
        self._pytester.makepyfile(BEGINNING + tests)
        return self._pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:xdist")

    def fails_on_a_calm_machine(self, tests: str) -> bool:
        return any(self.run(tests).parseoutcomes() == {"failed": 1} for _ in range(TIMES))


@pytest.fixture
def suite(pytester: pytest.Pytester) -> Suite:
    return Suite(pytester)


@pytest.fixture
def witness() -> Iterator[Witness]:
    witness = Witness()
    witness.start()
    yield witness
    witness.stop()


def test_a_failure_on_a_machine_that_keeps_time_stands(suite: Suite) -> None:
    assert suite.fails_on_a_calm_machine("@pytest.mark.real_time\ndef test_it(): assert 'late' == 'on time'")


def test_a_failure_while_the_machine_stands_still_is_tried_thrice_and_then_not_judged(suite: Suite) -> None:
    result = suite.run("""
trials = []

@pytest.mark.real_time
def test_it(machine):
    trials.append(1)
    stand_still(machine)
    assert len(trials) == 9

def test_how_often(): assert len(trials) == 3
""")
    assert result.parseoutcomes() == {"skipped": 1, "passed": 1}
    result.stdout.re_match_lines(
        [r".*::test_it: not judged: the machine stood still for \d\.\d\d s .* it failed: assert 3 == 9"]
    )


def test_the_second_trial_has_its_own_fixtures_and_is_judged_by_itself(suite: Suite) -> None:
    tests = """
made = []

@pytest.fixture
def horn():
    made.append(1)
    yield len(made)
    made.append(1)

@pytest.mark.real_time
def test_it(machine, horn):
    if horn == 1:
        stand_still(machine)
    assert horn == EXPECTED
"""
    assert suite.run(tests.replace("EXPECTED", "3")).parseoutcomes() == {"passed": 1}
    assert suite.fails_on_a_calm_machine(tests.replace("EXPECTED", "4"))


def test_what_passes_is_judged_whatever_the_machine_does(suite: Suite) -> None:
    tests = "@pytest.mark.real_time\ndef test_it(machine): stand_still(machine)"
    assert suite.run(tests).parseoutcomes() == {"passed": 1}


@pytest.mark.parametrize(
    "tests",
    [
        "def test_it(machine):\n  stand_still(machine)\n  assert False",
        "@pytest.mark.real_time\ndef test_it(machine):\n  stand_still(machine)\n  pytest.fail('it hangs')",
        "@pytest.mark.real_time\ndef test_it(machine):\n  stand_still(machine)\n  [].foo",
        "@pytest.mark.real_time\ndef test_it(machine):\n  stand_still(machine)\n"
        "  with on_every_machine():\n    assert False, 'the line is not there'",
    ],
    ids=["without the mark", "a hang", "a mistake", "what holds on every machine"],
)
def test_what_has_nothing_to_do_with_time_is_never_excused(suite: Suite, tests: str) -> None:
    assert suite.run(tests).parseoutcomes() == {"failed": 1}


def test_what_was_heard_once_for_many_is_excused_by_what_happened_then_and_only_then(suite: Suite) -> None:
    tests = """
@pytest.fixture(scope="module")
def airing(machine):
    began = monotonic()
    STILL_IN_FIXTURE
    return SimpleNamespace(listened=(began, monotonic()))

@pytest.fixture
def horn(airing): return airing

@pytest.mark.real_time
def test_it(machine, horn):
    STILL_IN_TEST
    assert False
"""
    then, later = "STILL_IN_FIXTURE", "STILL_IN_TEST"
    heard_badly = tests.replace(then, "stand_still(machine)").replace(later, "pass")
    heard_well = tests.replace(then, "pass").replace(later, "stand_still(machine)")
    assert suite.run(heard_badly).parseoutcomes() == {"skipped": 1}
    assert suite.fails_on_a_calm_machine(heard_well)


def test_that_we_are_busy_ourselves_is_no_standstill(witness: Witness) -> None:
    """Four threads that hold each other up in this process, and four in each of four others."""

    def lost() -> float:
        begin = monotonic()
        others = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(4)]
        exec(BUSY, {})
        assert [other.wait() for other in others] == [0] * 4
        return witness.lost(begin, monotonic())

    assert any(lost() == 0 for _ in range(TIMES))


def test_one_processor_that_is_taken_away_is_enough(witness: Witness) -> None:
    first = witness.processes[0]
    begin = monotonic()
    subprocess.run(["sh", "-c", f"kill -STOP {first}; sleep 0.1; kill -CONT {first}"], check=True)
    end = monotonic()
    assert LONG < 0.08 < witness.lost(begin, end) < end - begin
    assert witness.lost(begin - 2, begin - 1) == 0
