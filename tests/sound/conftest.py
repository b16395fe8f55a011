"""The horns of all tests that hear, started once for the session."""

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.sound.hearing import Capture, SoundServer


@pytest.fixture(scope="session")
def sound_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoundServer]:
    """A sound server of our own. This process and its children speak through its horns from now on."""
    if shutil.which("pulseaudio") is None or shutil.which("parec") is None:
        pytest.skip("pulseaudio and pulseaudio-utils are not installed")
    server = SoundServer(tmp_path_factory.mktemp("sound"))
    before = {name: os.environ.get(name) for name in server.environ}
    server.start()
    os.environ.update(server.environ)
    yield server
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value
    server.stop()


@pytest.fixture(scope="session")
def capture(sound_server: SoundServer) -> Iterator[Capture]:
    """What the horns play, captured for the whole session."""
    capture = Capture(sound_server)
    capture.start()
    yield capture
    capture.stop()
