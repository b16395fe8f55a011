"""The way to the hub's files over networks and hubs that misbehave, each a real server on the loopback."""

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest
import trustme

from broadcaster.unit.http import HubHttp, NotFetched
from tests.unit.hubdoor import DoorOnLoopback, named

LONG = bytes(range(256)) * 1000
MOST = 1 << 20
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nclip!"

Answer = Callable[[asyncio.StreamWriter, bytes], Awaitable[None]]


class RawDoor:
    """A server that answers every request as `answer` says; `heads` are the requests as they came."""

    def __init__(self, answer: bytes | Answer, *, tls: ssl.SSLContext | None = None) -> None:
        self._answer = answer
        self._tls = tls
        self.heads: list[bytes] = []
        self.connections = 0
        self.over = asyncio.Event()
        self._serving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"{'https' if self._tls else 'http'}://localhost:{port}/clips/x"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.over.set()
        self._server.close()
        await self._server.wait_closed()
        await asyncio.gather(*self._serving)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        serving = asyncio.current_task()
        assert serving is not None
        self._serving.add(serving)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while not self.over.is_set():
                head = await reader.readuntil(b"\r\n\r\n")
                self.heads.append(head)
                if isinstance(self._answer, bytes):
                    writer.write(self._answer)
                    await writer.drain()
                else:
                    await self._answer(writer, head)
                    break
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()


async def fetched(door: RawDoor, part: Path, *, silence: float = 2.0) -> bytes:
    async with door, HubHttp(silence=silence) as http:
        await http.fetch(door.url, part, most=MOST)
    return part.read_bytes()


@pytest.fixture
def part(tmp_path: Path) -> Path:
    return tmp_path / "x.part"


def test_a_stalled_hub_is_given_up_and_what_came_is_kept(part: Path) -> None:
    async def story() -> None:
        async def stall(writer: asyncio.StreamWriter, _: bytes) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 300)
            await door.over.wait()  # no FIN, no RST, no byte

        door = RawDoor(stall)
        with pytest.raises(NotFetched, match="does not answer"):
            await fetched(door, part, silence=0.2)

    asyncio.run(story())
    assert part.read_bytes() == b"x" * 300


def test_a_hub_that_crawls_is_waited_for(part: Path) -> None:
    async def crawl(writer: asyncio.StreamWriter, _: bytes) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
        for number in range(10):
            writer.write(b"%d" % number)
            await writer.drain()
            await asyncio.sleep(0.25)

    async def story() -> bytes:
        return await fetched(RawDoor(crawl), part, silence=2.0)

    assert asyncio.run(story()) == b"0123456789"


def test_what_breaks_off_in_the_middle_is_told_of_and_kept(part: Path) -> None:
    async def story() -> None:
        async def cut(writer: asyncio.StreamWriter, _: bytes) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"y" * 400)
            await writer.drain()

        with pytest.raises(NotFetched, match="600 bytes are missing"):
            await fetched(RawDoor(cut), part)

    asyncio.run(story())
    assert part.read_bytes() == b"y" * 400


@pytest.mark.parametrize("end", [b"0\r\n\r\n", b""])
def test_a_body_in_chunks_is_taken_whole_or_told_to_be_broken(part: Path, end: bytes) -> None:
    async def story() -> None:
        async def chunks(writer: asyncio.StreamWriter, _: bytes) -> None:
            writer.write(
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n" + end
            )
            await writer.drain()

        if end:
            assert await fetched(RawDoor(chunks), part) == b"abcde"
        else:
            with pytest.raises(NotFetched):
                await fetched(RawDoor(chunks), part)

    asyncio.run(story())


def test_another_part_than_was_asked_for_is_not_joined_to_what_is_there(part: Path) -> None:
    part.write_bytes(b"0123456789")

    async def story() -> None:
        answer = (
            b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-4/20\r\nContent-Length: 5\r\n\r\nclip!"
        )
        with pytest.raises(NotFetched, match="from 10 on, the hub sent bytes 0-4/20"):
            await fetched(RawDoor(answer), part)

    asyncio.run(story())
    assert part.read_bytes() == b"0123456789"


def test_more_than_was_agreed_is_not_even_begun(part: Path) -> None:
    async def story() -> None:
        endless = f"HTTP/1.1 200 OK\r\nContent-Length: {1 << 40}\r\n\r\n".encode()
        with pytest.raises(NotFetched, match="more than"):
            await fetched(RawDoor(endless), part)

    asyncio.run(story())
    assert not part.exists()


def test_an_answer_of_unknown_length_stops_at_what_was_agreed(part: Path) -> None:
    async def story() -> None:
        async def pour(writer: asyncio.StreamWriter, _: bytes) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            with suppress(ConnectionError):
                for _number in range(100):
                    writer.write(bytes(MOST // 16))
                    await writer.drain()

        with pytest.raises(NotFetched, match="more than"):
            await fetched(RawDoor(pour), part)

    asyncio.run(story())
    assert not part.exists()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
    ],
)
def test_what_is_no_clip_is_told_of_and_no_redirection_is_followed(part: Path, answer: bytes) -> None:
    async def story() -> None:
        door = RawDoor(answer)
        with pytest.raises(NotFetched):
            await fetched(door, part)
        assert len(door.heads) == 1

    asyncio.run(story())
    assert not part.exists()


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/x", "http:///x", "x", "http://127.0.0.1:port/x", "http://[::1/"]
)
def test_an_address_that_leads_nowhere_is_told_of(part: Path, url: str) -> None:
    async def story() -> None:
        async with HubHttp() as http:
            with pytest.raises(NotFetched):
                await http.fetch(url, part, most=MOST)
            with pytest.raises(NotFetched):
                await http.post(url, b"{}")

    asyncio.run(story())


def test_a_proxy_named_in_the_environment_is_not_asked(part: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    monkeypatch.delenv("no_proxy", raising=False)

    async def story() -> bytes:
        return await fetched(RawDoor(WHOLE), part)

    assert asyncio.run(story()) == b"clip!"


def test_many_clips_come_over_one_connection(tmp_path: Path) -> None:
    async def story() -> None:
        async with RawDoor(WHOLE) as door, HubHttp() as http:
            for number in range(5):
                await http.fetch(door.url, tmp_path / str(number), most=MOST)
            assert await http.post(door.url, b"") == (200, b"clip!")
        assert door.connections == 1
        assert len(door.heads) == 6

    asyncio.run(story())


def test_a_connection_that_died_while_it_was_kept_is_replaced(tmp_path: Path) -> None:
    async def story() -> None:
        async def once(writer: asyncio.StreamWriter, _: bytes) -> None:
            writer.write(WHOLE)
            await writer.drain()

        async with RawDoor(once) as door, HubHttp() as http:
            for number in range(3):
                await http.fetch(door.url, tmp_path / str(number), most=MOST)
                await asyncio.sleep(0.05)
            assert door.connections == 3

    asyncio.run(story())


def test_a_question_that_may_have_been_heard_is_not_asked_again_by_itself(tmp_path: Path) -> None:
    async def story() -> None:
        async def once(writer: asyncio.StreamWriter, _: bytes) -> None:
            writer.write(WHOLE)
            await writer.drain()

        async with RawDoor(once) as door, HubHttp() as http:
            await http.fetch(door.url, tmp_path / "x", most=MOST)
            await asyncio.sleep(0.05)
            with pytest.raises(NotFetched):
                await http.post(door.url, b"")
            assert await http.post(door.url, b"") == (200, b"clip!")

    asyncio.run(story())


def test_an_answer_that_is_too_long_for_a_door_is_not_read(part: Path) -> None:
    async def story() -> None:
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n" + bytes(70000)
        async with RawDoor(answer) as door, HubHttp() as http:
            with pytest.raises(NotFetched, match="more than 65536"):
                await http.post(door.url, b"{}")

    asyncio.run(story())


def test_to_cancel_is_to_hang_up_and_nothing_is_written_afterwards(part: Path) -> None:
    async def story() -> None:
        flowing = asyncio.Event()

        async def pour(writer: asyncio.StreamWriter, _: bytes) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"z" * 100_000)
            await writer.drain()
            flowing.set()
            await door.over.wait()

        door = RawDoor(pour)
        async with door, HubHttp(silence=30) as http:
            fetching = asyncio.create_task(http.fetch(door.url, part, most=MOST))
            await flowing.wait()
            while not part.exists() or not part.stat().st_size:
                await asyncio.sleep(0.01)
            fetching.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asyncio.wait_for(fetching, 2)
            part.unlink()
            await asyncio.sleep(0.1)
            assert not part.exists()

    asyncio.run(asyncio.wait_for(story(), 10))


def test_a_fetch_that_is_cancelled_before_the_hub_answers_ends_at_once_and_writes_nothing(part: Path) -> None:
    async def story() -> None:
        async def never(_: asyncio.StreamWriter, __: bytes) -> None:
            await door.over.wait()

        door = RawDoor(never)
        async with door, HubHttp(silence=30) as http:
            fetching = asyncio.create_task(http.fetch(door.url, part, most=MOST))
            while not door.heads:
                await asyncio.sleep(0.01)
            fetching.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asyncio.wait_for(fetching, 2)

    asyncio.run(asyncio.wait_for(story(), 10))
    assert not part.exists()


def test_a_hundred_fetches_leave_no_thread_and_no_descriptor_behind(tmp_path: Path) -> None:
    async def story() -> None:
        async with DoorOnLoopback() as door, HubHttp() as http:
            clip = door.base + door.put(LONG)
            before = None
            for number in range(60):
                await http.fetch(clip, tmp_path / f"{number}.part", most=MOST)
                with pytest.raises(NotFetched):
                    await http.fetch(door.base + named(b"not there"), tmp_path / "no", most=MOST)
                now = threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
                before = before or now
            assert before is not None
            assert now[0] <= before[0] + 3
            assert now[1] <= before[1] + 1

    asyncio.run(story())


@pytest.mark.parametrize("known", [True, False])
def test_a_hub_behind_tls_is_believed_only_with_a_certificate_from_a_known_authority(
    part: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)
    (authority if known else trustme.CA()).cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))

    async def story() -> None:
        if known:
            assert await fetched(RawDoor(WHOLE, tls=tls), part) == b"clip!"
        else:
            with pytest.raises(NotFetched, match="certificate"):
                await fetched(RawDoor(WHOLE, tls=tls), part)

    asyncio.run(story())


def test_a_certificate_of_another_name_is_not_believed(
    part: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("hub.elsewhere.example").configure_cert(tls)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))

    async def story() -> None:
        with pytest.raises(NotFetched, match="certificate"):
            await fetched(RawDoor(WHOLE, tls=tls), part)

    asyncio.run(story())
