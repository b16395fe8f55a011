"""A thousand units come back at once after the broker was killed, and are then idle for a minute.

The units are light ones (tests/link/crowd.py) in two processes of the same machine, which work as much as hub
and broker do: what they take is in the times, not in the hub's processor seconds. Each returns with three
records to tell. An order is given while they return.
"""

import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from broadcaster.clock import monotonic
from tests.bench._figure import Figure, Figures
from tests.link.crowd import RECORDS, Office

UNITS = 1000
SETTLING = 25.0
IDLE = 60.0
"""Seconds."""


def processor(pid: int) -> float:
    """Seconds of processor a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> float:
    """MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) / 1024


def order_heard(office: Office, since: float) -> tuple[float, float]:
    """Give an order; seconds until the first unit heard it and, a second later, until the last one had.

    Who is not connected then hears of it in the answer to its first question.
    """
    desk = office.commune.station.desk
    before = {order for state in office.states() for order in state.orders}
    given = monotonic()
    desk.set_volume(desk.local_admin(), "loa-0", -1.0 - round(given - since) % 20)
    office.commune.station.wake()
    until = given + 20
    while monotonic() < until:
        time.sleep(0.6)
        times = [t for state in office.states() for order, t in state.orders.items() if order not in before]
        if times:
            time.sleep(1)  # the last ones
            times = [t for s in office.states() for order, t in s.orders.items() if order not in before]
            return min(first for first, _ in times) - given, max(last for _, last in times) - given
    return 20.0, 20.0


def returned(office: Office) -> Figures:
    """The broker is killed; what it takes until everybody is back and everything told."""
    office.play()
    time.sleep(1)
    hub, before = office.hub_pid, processor(office.hub_pid)
    killed = office.kill_broker()
    time.sleep(1.0)
    first, _ = order_heard(office, killed)
    last = office.back(killed, 120) - killed
    wanted = office.size * RECORDS * 2
    until = monotonic() + 60
    while office.recorded() < wanted and monotonic() < until:
        time.sleep(0.2)
    told = monotonic() - killed
    states = office.states()
    return {
        "all_back_s": Figure(value=last, unit="s", note="answered again; they knock within a second or so"),
        "all_told_s": Figure(value=told, unit="s", note=f"{wanted // 2} records committed"),
        "order_meanwhile_s": Figure(
            value=first, unit="s", note="desk to first unit; given 1 s after the kill"
        ),
        "slowest_ask_ms": Figure(value=1000 * max(s.slowest_ask for s in states), unit="ms"),
        "asks_unanswered": Figure(value=sum(s.unanswered for s in states), unit=""),
        "records_lost": Figure(value=wanted - office.recorded(), unit="", hold="<= 0"),
        "hub_cpu_s": Figure(value=processor(hub) - before, unit="s", note="until all was told"),
        "returning_mb": Figure(value=resident(hub) + resident(office.broker_pid), unit="MB"),
    }


def idle(office: Office) -> Figures:
    """A minute in which nothing is to be done."""
    time.sleep(SETTLING)
    pids = (office.hub_pid, office.broker_pid)
    used, since = sum(map(processor, pids)), monotonic()
    hub_used = processor(pids[0])
    time.sleep(IDLE)
    length = monotonic() - since
    first, last = order_heard(office, since)
    connected = sum(state.connected for state in office.states())
    return {
        "idle_connected": Figure(value=connected, unit="", hold=f">= {office.size}"),
        "idle_hub_cpu_percent": Figure(
            value=100 * (processor(pids[0]) - hub_used) / length, unit="%", hold="<= 5", note=f"{IDLE:g} s"
        ),
        "idle_cpu_percent": Figure(
            value=100 * (sum(map(processor, pids)) - used) / length, unit="%", note="hub and broker"
        ),
        "idle_mb": Figure(
            value=sum(map(resident, pids)), unit="MB", hold="<= 200", note="hub and broker, RSS"
        ),
        "idle_order_first_s": Figure(value=first, unit="s", note="desk to first unit"),
        "idle_order_last_s": Figure(value=last, unit="s", note="desk to last unit"),
    }


def measure() -> Figures:
    with TemporaryDirectory() as folder:
        office = Office(Path(folder) / "office", UNITS)
        try:
            begun = monotonic()
            office.start()
            first = office.back(0.0, 120) - begun
            time.sleep(5)
            figures = returned(office)
            return {"first_time_s": Figure(value=first, unit="s"), **figures, **idle(office)}
        finally:
            office.stop()
