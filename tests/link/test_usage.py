"""What a connection has cost is what really went over the cable."""

import asyncio
import socket
import threading

import pytest

from broadcaster.link.usage import Meter, on_the_wire
from tests.link.countryside import OFFICE, Countryside, why_not

_reason = why_not()


def answer_all(listener: socket.socket) -> None:
    """Serve one connection: each piece that comes is answered by 700 bytes."""
    there, _ = listener.accept()
    with there:
        while there.recv(4096):
            there.sendall(b"y" * 700)


def talk(sock: socket.socket, rounds: int) -> None:
    for _ in range(rounds):
        sock.sendall(b"x" * 400)
        left = 700
        while left:
            left -= len(sock.recv(left))


@pytest.mark.skipif(bool(_reason), reason=_reason)
def test_what_is_counted_is_what_went_over_the_cable() -> None:
    with Countryside() as land:
        listener = land.at(land.office, lambda: socket.create_server((OFFICE, 0)))
        serving = threading.Thread(target=answer_all, args=(listener,))
        serving.start()
        before = land.carried()
        port = listener.getsockname()[1]
        with listener, land.at(land.village, lambda: socket.create_connection((OFFICE, port), 5)) as sock:
            talk(sock, 60)
            truly = land.carried() - before
            counted = on_the_wire(sock)
            assert abs(counted - truly) < 0.05 * truly, (counted, truly)
        serving.join()


def test_the_total_goes_on_over_connections_that_come_and_go() -> None:
    meter = Meter()
    spent = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        for _ in range(3):
            serving = threading.Thread(target=answer_all, args=(listener,))
            serving.start()
            with socket.create_connection(listener.getsockname()) as sock:
                talk(sock, 2)
                meter.read(sock)
                talk(sock, 2)
                meter.read(sock)
                spent.append(on_the_wire(sock))
            meter.read(sock)  # closed: nothing more is known of it
            serving.join()
    assert meter.total == sum(spent)
    assert meter.total > 3 * 4 * 1100


def test_a_try_at_a_closed_door_costs_something_too() -> None:
    async def knock(sock: socket.socket, door: tuple[str, int]) -> None:
        sock.setblocking(False)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.get_running_loop().sock_connect(sock, door)

    meter = Meter()
    with socket.socket() as reserved, socket.socket() as sock:
        reserved.bind(("127.0.0.1", 0))
        asyncio.run(knock(sock, reserved.getsockname()))
        meter.read(sock)
    assert 40 <= meter.total <= 150


def test_a_connection_over_ipv6_has_longer_headers() -> None:
    cost = {}
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.create_server((host, 0), family=family) as listener, socket.socket(family) as sock:
            sock.connect(listener.getsockname())
            cost[family] = on_the_wire(sock)
    assert cost[socket.AF_INET6] > cost[socket.AF_INET]
