"""Hearing a bulletin before it airs."""

import pytest

from broadcaster.domain.names import ClipId
from broadcaster.domain.programme import Spoken
from broadcaster.hub.preparation import CannotMake, Product
from tests.web.commune import Commune, HeldBack
from web.previews import Previews

HELLO = Spoken(words="Kính chào bà con.")


def previews(commune: Commune) -> tuple[Previews, HeldBack]:
    pool = HeldBack()
    return Previews(lambda: commune.station.maker, pool), pool


def heard(found: Previews, pool: HeldBack, item: Spoken) -> Product:
    assert found.ask(item) is None
    pool.go()
    product = found.ask(item)
    assert product is not None
    return product


def test_a_sound_is_made_once_however_often_it_is_asked_for(commune: Commune) -> None:
    found, pool = previews(commune)
    for _ in range(3):
        assert found.ask(HELLO) is None
    assert pool.go() == 1
    product = found.ask(HELLO)
    assert product is not None
    assert product.voice == "espeak-ng"
    assert commune.station.library.verify(product.clip.id)


def test_the_hub_finds_what_a_preview_has_made(commune: Commune) -> None:
    found, pool = previews(commune)
    product = heard(found, pool, HELLO)
    assert commune.station.maker.make(HELLO).clip == product.clip


def test_a_sound_the_hub_has_dropped_is_made_again(commune: Commune) -> None:
    found, pool = previews(commune)
    product = heard(found, pool, HELLO)
    commune.station.library.path_of(ClipId(product.clip.id)).unlink()
    assert heard(found, pool, HELLO).clip == product.clip


def test_what_could_not_be_made_is_told_once_and_then_tried_again(commune: Commune) -> None:
    found, pool = previews(commune)
    silent = Spoken(words="Kính chào.", language="xx")
    assert found.ask(silent) is None
    pool.go()
    with pytest.raises(CannotMake):
        found.ask(silent)
    assert found.ask(silent) is None, "another attempt"
    assert pool.go() == 1


def test_of_many_the_oldest_are_forgotten(commune: Commune) -> None:
    found, pool = previews(commune)
    items = [Spoken(words=f"Số {number}.") for number in range(205)]
    for item in items:
        found.ask(item)
    assert pool.waiting == 205
    found.ask(items[-1])
    assert pool.waiting == 205
    found.ask(items[0])
    assert pool.waiting == 206
