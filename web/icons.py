"""Icons, drawn for this project in a square of 24: a state is told by its icon, its word and its colour."""

from flask import Flask
from markupsafe import Markup

__all__ = ["PATHS", "icon", "register"]

PATHS = {
    "after": "m9 5 7 7-7 7",
    "before": "m15 5-7 7 7 7",
    "bell": "M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10.5 21h3",
    "book": "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
    "calendar": "M4 6h16v14H4zM4 10.5h16M8 3v5M16 3v5",
    "call": "M3.5 10.5v3L15 18V6zM18 9a4 4 0 0 1 0 6M6.5 15v4h3v-3",
    "check": "m5 12.5 4.5 4.5L19 7.5",
    "clock": "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zM12 7.5V12l3 2",
    "cross": "m6 6 12 12M18 6 6 18",
    "home": "M4 11 12 4l8 7M6 9.5V20h12V9.5M10 20v-6h4v6",
    "horn": "M4 9.5v5h3.5L13 19V5L7.5 9.5zM16.5 9a4.2 4.2 0 0 1 0 6M19 6a8.5 8.5 0 0 1 0 12",
    "lost": "M3.5 9.5a13 13 0 0 1 17 0M7 13.5a7.5 7.5 0 0 1 10 0M12 18h.01M4.5 4l15 16",
    "mic": "M9 6a3 3 0 0 1 6 0v5a3 3 0 0 1-6 0zM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21",
    "out": "M10 4H5v16h5M14 8l4 4-4 4M8.5 12H18",
    "pencil": "m4 20 1-4.5L16 4.5 19.5 8 8.5 19zM13.5 7l3.5 3.5",
    "plus": "M12 5v14M5 12h14",
    "sheet": "M6 3h9l4 4v14H6zM15 3v4h4M9.5 12h6M9.5 16h6",
    "stop": "M6.5 6.5h11v11h-11z",
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
