"""A service on this machine that behaves like the one gTTS speaks to: TLS, its form of request, its answers.

It takes at most 100 characters at a time and answers with real MP3. `mood` says how it behaves; `heard`
holds every text it took, with the language.
"""

import base64
import io
import json
import math
import ssl
import threading
from collections.abc import Callable, Mapping
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket
from typing import Any, Self
from urllib.parse import parse_qs

import av
import numpy as np
import trustme

__all__ = ["MOODS", "Endpoint", "mp3"]

_PATH = "/_/TranslateWebserverUi/data/batchexecute"
_PACE = 150  # characters a second: faster than people, so that tests are short
_RATE = 24_000


@lru_cache
def mp3(tenths: int) -> bytes:
    """A tone of so many tenths of a second."""
    whole = io.BytesIO()
    with av.open(whole, "w", format="mp3", options={"write_xing": "0", "id3v2_version": "0"}) as container:
        stream = container.add_stream("mp3", rate=_RATE, layout="mono")
        at = np.arange(_RATE * tenths // 10) / _RATE
        sound = (np.sin(2 * np.pi * 330 * at) * 12_000).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(sound, format="s16p", layout="mono")
        frame.rate = _RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return whole.getvalue()


def answer(payload: str | None) -> bytes:
    """The service's envelope round the payload of its one answer."""
    entry = json.dumps(["wrb.fr", "jQ1olc", payload, None, None, None, "generic"], separators=(",", ":"))
    return f')]}}\'\n\n[{entry}\n,["di",52]\n,["af.httprm",52,"-5",7]\n]\n'.encode()


class _Conversation(BaseHTTPRequestHandler):
    """One connection of one client."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "Endpoint"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        [[[mark, inner, _, kind]]] = json.loads(parse_qs(body.decode())["f.req"][0])
        text, language, _, _ = json.loads(inner)
        self.server.heard.append((text, language))
        if (self.path, mark, kind) != (_PATH, "jQ1olc", "generic") or len(text) > 100:
            self.say(400)
            return
        MOODS[self.server.mood](self, text)

    def say(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def spoken(self, text: str) -> bytes:
        sound = base64.b64encode(mp3(math.ceil(max(len(text), 20) / _PACE * 10))).decode()
        return answer(json.dumps([sound], separators=(",", ":")))

    def drip(self, some: bytes) -> None:
        """A byte now and a byte then, for ever."""
        self.close_connection = True
        while not self.server.over.wait(0.02):
            self.wfile.write(some)

    def log_message(self, format: str, *args: object) -> None:
        """Tests read `heard`."""


def _speaks(talk: _Conversation, text: str) -> None:
    talk.say(200, talk.spoken(text))


def _speaks_in_chunks(talk: _Conversation, text: str) -> None:
    whole = talk.spoken(text)
    talk.send_response(200)
    talk.send_header("Transfer-Encoding", "chunked")
    talk.end_headers()
    for start in range(0, len(whole), 3000):
        piece = whole[start : start + 3000]
        talk.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
    talk.wfile.write(b"0\r\n\r\n")


def _hangs_up_in_the_middle(talk: _Conversation, text: str) -> None:
    whole = talk.spoken(text)
    talk.send_response(200)
    talk.send_header("Content-Length", str(len(whole)))
    talk.end_headers()
    talk.wfile.write(whole[: len(whole) // 2])
    talk.close_connection = True


def _drips(talk: _Conversation, text: str) -> None:
    talk.send_response(200)
    talk.send_header("Content-Length", "1000000")
    talk.end_headers()
    talk.drip(b" ")


def _drips_headers(talk: _Conversation, text: str) -> None:
    talk.wfile.write(b"HTTP/1.1 200 OK\r\nX-Patience: ")
    talk.drip(b"x")


def _floods(talk: _Conversation, text: str) -> None:
    talk.send_response(200)
    talk.send_header("Connection", "close")
    talk.end_headers()
    for _ in range(400):
        talk.wfile.write(b" " * 65536)
    talk.close_connection = True


def _sends_us_away_at_length(talk: _Conversation, text: str) -> None:
    talk.send_response(302)
    talk.send_header("Location", talk.server.elsewhere)
    talk.send_header("Content-Length", "1000000")
    talk.end_headers()
    talk.drip(b" ")


def _fades(talk: _Conversation, text: str) -> None:
    """Speaks the first piece; then has had enough."""
    if len(talk.server.heard) == 1:
        _speaks(talk, text)
    else:
        talk.say(429)


_PAGE = b"<!doctype html><html><body>Sign in to the network of the commune hall</body></html>"


MOODS: dict[str, Callable[[_Conversation, str], None]] = {
    "speaks": _speaks,
    "speaks in chunks": _speaks_in_chunks,
    "is busy": lambda talk, _: talk.say(429, headers={"Retry-After": "240"}),
    "refuses": lambda talk, _: talk.say(403),
    "has moved": lambda talk, _: talk.say(404),
    "is broken": lambda talk, _: talk.say(500),
    "is overloaded": lambda talk, _: talk.say(503, headers={"Retry-After": "soon"}),
    "says nothing": lambda talk, _: talk.say(200),
    "shows a page": lambda talk, _: talk.say(200, _PAGE),
    "babbles": lambda talk, _: talk.say(200, b')]}\'\n\n[["wrb.fr","other"]]'),
    "has no sound": lambda talk, _: talk.say(200, answer(None)),
    "has an empty list": lambda talk, _: talk.say(200, answer("[]")),
    "sends rubbish": lambda talk, _: talk.say(200, answer(json.dumps(["%%% not base64 %%%"]))),
    "sends no MP3": lambda talk, _: talk.say(
        200, answer(json.dumps([base64.b64encode(b"hello" * 99).decode()]))
    ),
    "sends broken MP3": lambda talk, _: talk.say(
        200, answer(json.dumps([base64.b64encode(b"\xff\xfb" + b"\x00" * 4000).decode()]))
    ),
    "sends a blip": lambda talk, _: talk.say(200, answer(json.dumps([base64.b64encode(mp3(1)).decode()]))),
    "sends us away": lambda talk, _: talk.say(302, headers={"Location": talk.server.elsewhere}),
    "sends us away at length": _sends_us_away_at_length,
    "hangs": lambda talk, _: talk.drip(b""),
    "hangs up in the middle": _hangs_up_in_the_middle,
    "drips": _drips,
    "drips headers": _drips_headers,
    "floods": _floods,
    "fades": _fades,
}


class Endpoint(ThreadingHTTPServer):
    """Serves from entering the `with` block to leaving it. `name` is what its certificate is for."""

    daemon_threads = True

    def __init__(self, authority: trustme.CA, name: str = "localhost") -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.mood: str = "speaks"
        self.heard: list[tuple[str, str]] = []
        self.elsewhere: str = "https://localhost:1/"
        self.over = threading.Event()
        self.connections = 0
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(self._tls)
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def address(self) -> str:
        return f"https://localhost:{self.server_address[1]}"

    def finish_request(self, request: Any, client_address: Any) -> None:
        self.connections += 1
        try:
            with self._tls.wrap_socket(request, server_side=True) as secure:
                super().finish_request(secure, client_address)
        except OSError:
            pass  # the client went away: it did not like the certificate, or has heard enough

    def shutdown_request(self, request: socket | Any) -> None:
        request.close()  # the secure one round it was closed above

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.shutdown()
        self._thread.join()
        self.server_close()
