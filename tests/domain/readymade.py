"""Alert templates for tests: in Vietnamese and English spoken by a voice, in Hmong recorded by a person."""

from broadcaster.domain.alert import AlertTemplate, Hazard, Severity, Wording
from broadcaster.domain.names import AlertId
from broadcaster.domain.programme import Recorded, Spoken

__all__ = ["RECORDED", "said", "template", "wording"]


def said(words: str, language: str = "vi") -> Spoken:
    return Spoken(words=words, language=language)


def wording(language: str, drill: Spoken | Recorded | None = None) -> Wording:
    return Wording(
        language=language,
        alert=said(f"lũ {language}", language),
        correction=said(f"nhầm {language}", language),
        all_clear=said(f"hết {language}", language),
        drill=drill,
    )


RECORDED = Wording(
    language="hmn",
    alert=Recorded(path="recordings/lu-hmn.opus"),
    correction=Recorded(path="recordings/nham-hmn.opus"),
    all_clear=Recorded(path="recordings/het-hmn.opus"),
)


def template(*wordings: Wording) -> AlertTemplate:
    return AlertTemplate(
        id=AlertId("lu"),
        title="Lũ",
        hazard=Hazard.FLOOD,
        severity=Severity.EXTREME,
        signal="water",
        zones=("all",),
        wordings=wordings or (wording("vi"), wording("en")),
    )
