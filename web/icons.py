"""Icons, drawn for this project in a square of 24: a state is told by its icon, its word and its colour."""

from flask import Flask
from markupsafe import Markup

__all__ = ["PATHS", "icon", "register"]

PATHS = {
    "after": "m9 5 7 7-7 7",
    "again": "M20 12a8 8 0 1 1-2.4-5.7L20 8.5M20 3.5v5h-5",
    "before": "m15 5-7 7 7 7",
    "bell": "M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10.5 21h3",
    "book": "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
    "calendar": "M4 6h16v14H4zM4 10.5h16M8 3v5M16 3v5",
    "call": "M3.5 10.5v3L15 18V6zM18 9a4 4 0 0 1 0 6M6.5 15v4h3v-3",
    "check": "m5 12.5 4.5 4.5L19 7.5",
    "clock": "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zM12 7.5V12l3 2",
    "cross": "m6 6 12 12M18 6 6 18",
    "dam-release": (
        "M4 4h7v16H4zM4 9.3h7M4 14.6h7M11 8.5c3.2 0 4.6 2 5 5s1.5 4.5 4.5 4.5"
        "M11 14c1.6 0 2.3 1.3 2.6 3.2.3 1.9 1.2 2.8 3.4 2.8"
    ),
    "drill": "M9.5 3.5h5M10.5 3.5v6L5 19a1 1 0 0 0 1 1.5h12A1 1 0 0 0 19 19l-5.5-9.5v-6M8 14.5h8",
    "epidemic": "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zM12 8v8M8 12h8",
    "fire": (
        "M12 3c1 3.5 5.5 5.5 5.5 11a5.5 5.5 0 0 1-11 0c0-2 1-3.5 2-4.5.3 1.5 1 2.3 2 2.5-.6-3.5.2-6.5 1.5-9z"
    ),
    "flood": (
        "M3 7.5c2-2 4-2 6 0s4 2 6 0 4-2 6 0M3 12.5c2-2 4-2 6 0s4 2 6 0 4-2 6 0"
        "M3 17.5c2-2 4-2 6 0s4 2 6 0 4-2 6 0"
    ),
    "home": "M4 11 12 4l8 7M6 9.5V20h12V9.5M10 20v-6h4v6",
    "horn": "M4 9.5v5h3.5L13 19V5L7.5 9.5zM16.5 9a4.2 4.2 0 0 1 0 6M19 6a8.5 8.5 0 0 1 0 12",
    "keyboard": "M3 6.5h18v11H3zM7 10.5h.01M10.3 10.5h.01M13.7 10.5h.01M17 10.5h.01M8 14h8",
    "landslide": "M2.5 20 10 6l4 6 2-3 5.5 11zM15 5h.01M18.5 7h.01M19 3.5h.01",
    "lost": "M3.5 9.5a13 13 0 0 1 17 0M7 13.5a7.5 7.5 0 0 1 10 0M12 18h.01M4.5 4l15 16",
    "mic": "M9 6a3 3 0 0 1 6 0v5a3 3 0 0 1-6 0zM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21",
    "other": "M12 4 2.8 20h18.4zM12 10v4.5M12 17.5h.01",
    "out": "M10 4H5v16h5M14 8l4 4-4 4M8.5 12H18",
    "pencil": "m4 20 1-4.5L16 4.5 19.5 8 8.5 19zM13.5 7l3.5 3.5",
    "people": (
        "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20a6.5 6.5 0 0 1 13 0"
        "M16 5a3.5 3.5 0 0 1 0 6.5M18 14.2a6.5 6.5 0 0 1 3.5 5.8"
    ),
    "phone": (
        "M6.2 3.5 9 4l1.2 4L8 9.8a12 12 0 0 0 6.2 6.2L16 13.8l4 1.2.5 2.8"
        "a2 2 0 0 1-2 2.4A16.3 16.3 0 0 1 3.8 5.5a2 2 0 0 1 2.4-2z"
    ),
    "pin": (
        "M12 21c-4.5-4.6-7-8-7-11a7 7 0 0 1 14 0c0 3-2.5 6.4-7 11z"
        "M12 7.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5z"
    ),
    "play": "M7 4.5v15L19.5 12z",
    "plus": "M12 5v14M5 12h14",
    "safe": "m2.5 12.5 4.5 4.5L16 8M12 16l1 1 9-9",
    "sheet": "M6 3h9l4 4v14H6zM15 3v4h4M9.5 12h6M9.5 16h6",
    "siren": (
        "M7 17v-5a5 5 0 0 1 10 0v5M4.5 20.5h15M5.5 17h13M12 2v2.2M3.8 5.3l1.7 1.5M20.2 5.3l-1.7 1.5"
        "M12 10a2 2 0 0 0-2 2"
    ),
    "stop": "M6.5 6.5h11v11h-11z",
    "storm": "M7 15a4.5 4.5 0 0 1 .3-9A6 6 0 0 1 18.6 8 3.6 3.6 0 0 1 18 15M13 11l-3.2 5h4.4L11 21",
    "undo": "M9 4 4 9l5 5M4 9h10.5a5.5 5.5 0 0 1 0 11H11",
    "voice": "M4 10.5v3M8 7v10M12 4v16M16 8v8M20 10.5v3",
    "warn": "M12 4 2.8 20h18.4zM12 10v4.5M12 17.5h.01",
}


def icon(name: str) -> Markup:
    """The icon, for eyes only: the words stand beside it."""
    return Markup('<svg class="i" viewBox="0 0 24 24" aria-hidden="true"><path d="{}"/></svg>').format(
        PATHS[name]
    )


def register(app: Flask) -> None:
    """Give the icons to the templates."""
    app.jinja_env.globals["icon"] = icon
