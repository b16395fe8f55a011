"""Lengths of time on the command line, shorter than those in a station folder."""

import re
from datetime import timedelta

import click

__all__ = ["Length"]

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0}


class Length(click.ParamType):
    """A length of time with its unit: 400ms, 2.5s, 1m."""

    name = "length"

    def convert(
        self, value: object, param: click.Parameter | None, context: click.Context | None
    ) -> timedelta:
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"(\d{1,5}(?:\.\d{1,3})?)(ms|s|m)", str(value))
        if found is None:
            self.fail(f"{value!r} is not a length of time: say it with its unit, like 400ms, 30s or 2m")
        return timedelta(seconds=float(found[1]) * _SECONDS[found[2]])
