"""Names made of what people wrote."""

from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.names import ProgrammeId, is_slug, slug


def test_vietnamese_titles_make_ids_that_can_be_read() -> None:
    assert slug("Đường Nguyễn Trãi: họp lúc 17h30!") == "duong-nguyen-trai-hop-luc-17h30"
    assert slug("Ở đâu? Ươm, ỷ, ẵ") == "o-dau-uom-y-a"
    assert slug("Bản tin_chiều.v2") == "ban-tin-chieu-v2"


@given(st.text(), st.integers(1, 48))
def test_whatever_was_written_comes_to_an_id_or_to_nothing(written: str, most: int) -> None:
    made = slug(written, most)
    assert len(made) <= most
    assert not made or (is_slug(made) and ProgrammeId(made) == made)


@given(st.text(alphabet="az09-", max_size=60))
def test_what_is_an_id_already_stays_as_it_is(written: str) -> None:
    if is_slug(written) and "--" not in written:
        assert slug(written) == written
