"""Runs measurements: `python -m tests.bench` for all, with names for some. `make bench` calls it.

A measurement is a file of this folder with a function `measure() -> Figures`. Each runs in a process of its
own, writes build/bench/NAME.json and prints the same as a table. The exit code is 1 when a figure does not
hold; nothing in the tests asserts one, because a busy machine is no fault of the code.
"""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from broadcaster.files import write_whole
from tests.bench._figure import BUILD, Figures, machine

_MARKS = {True: "holds", False: "DOES NOT HOLD", None: ""}


def known(kind: str = "bench") -> list[str]:
    """The measurements of that kind: `bench`, or `soak` for those that take long."""
    return sorted(path.stem for path in (Path(__file__).parents[1] / kind).glob("[!_]*.py"))


def run(name: str, kind: str = "bench") -> bool:
    """Measure, write, print. True when everything holds."""
    where = machine()
    figures: Figures = import_module(f"tests.{kind}.{name}").measure()
    plain = {"machine": where, "figures": {key: figure.plain() for key, figure in figures.items()}}
    BUILD.mkdir(parents=True, exist_ok=True)
    write_whole(BUILD / f"{name}.json", json.dumps(plain, indent=2, ensure_ascii=False).encode() + b"\n")
    print(table(name, figures), flush=True)
    return all(figure.ok is not False for figure in figures.values())


def table(name: str, figures: Figures) -> str:
    rows = [
        (
            key,
            "not measured" if figure.value is None else f"{figure.value:.4g} {figure.unit}",
            f"hold {figure.hold}" if figure.hold else "",
            _MARKS[figure.ok],
            figure.note,
        )
        for key, figure in figures.items()
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join([f"bench: {name}", *(f"  {line.rstrip()}" for line in lines)])


def main(names: list[str], kind: str = "bench") -> int:
    there = known(kind)
    unknown = sorted(set(names) - set(there))
    if unknown:
        print(f"{kind}: there is no {', '.join(unknown)}; there are: {', '.join(there)}", file=sys.stderr)
        return 2
    if len(names) == 1:
        return 0 if run(names[0], kind) else 1
    each = [sys.executable, "-m", f"tests.{kind}"]
    return max([subprocess.run([*each, name], check=False).returncode for name in names or there])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
