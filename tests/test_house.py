"""The house rules as tests: a rule that is not run is a wish.

What ruff, mypy and import-linter can hold stands in pyproject.toml; here is the rest. Each failure says what
to do. An exemption is one line with its reason, and one that is no longer needed fails as well.
"""

import ast
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.sources import ROOT, Source, kept_files, python_files, words_of

LONGEST_MODULE = 400
BIGGEST_SOUND = 600_000
ALL_SOUNDS = 6_000_000

BANNED = {
    "event": "say what happened: cue, alert, change (material is never an event)",
    "job": "say what is done: cue, programme, preparation",
    "task": "say what is done",
    "trigger": "say due or fires",
    "channel": "say zone, subject or stream",
    "track": "say clip or recording",
    "song": "say clip or recording",
    "manager": "name it by what it does",
    "handler": "name it by what it does",
    "helper": "name it by what it does",
    "util": "name it by what it does",
    "common": "name it by what it holds",
    "misc": "name it by what it holds",
    "data": "say what they are: bytes, rows, samples",
    "info": "say what it tells",
    "client": "a box is a unit; a person is a person; otherwise say connection",
}
"""Words that may not be part of a name, and what to do instead."""

LOG = "say as-run log (asrun) or logger: log alone is two things"

WORDS_OF_LIBRARIES = {
    "asyncio": {"task"},
    "apscheduler": {"trigger", "job", "event"},
    "nats": {"client"},
    "aiohttp": {"client"},
    "http": {"client"},
}
"""In a file that imports the library, its own things may bear its own names."""

NAMED_ALL_THE_SAME: dict[tuple[str, str], str] = {}
"""(path, name): the reason why another library's or law's word must be used there."""

CLOCKS = {
    *(f"datetime.{kind}.{read}" for kind in ("datetime", "date") for read in ("now", "utcnow", "today")),
    *(
        f"time.{read}"
        for read in (
            "time",
            "time_ns",
            "monotonic",
            "monotonic_ns",
            "perf_counter",
            "perf_counter_ns",
            "clock_gettime",
            "clock_gettime_ns",
            "localtime",
            "gmtime",
            "ctime",
            "asctime",
        )
    ),
}
READ_A_CLOCK_ALL_THE_SAME: dict[str, str] = {}
"""path: reason."""

KNOWN_BY: dict[str, dict[str, int]] = {
    "apscheduler": {"broadcaster/hub/": 1},
    "sounddevice": {"broadcaster/horn/": 1},
    "gpiozero": {"broadcaster/horn/": 1},
    "soxr": {"broadcaster/horn/": 1},
    "av": {"broadcaster/sound/": 1},
    "pydub": {"broadcaster/sound/": 1},
    "gtts": {"broadcaster/speech/": 1},
    "requests": {"broadcaster/speech/": 1},
    "nats": {"broadcaster/link/": 1},
    "nkeys": {"broadcaster/link/": 1},
    "nacl": {"broadcaster/link/": 1},
    "aiohttp": {"broadcaster/hub/": 1},
    "argon2": {"broadcaster/desk/": 1},
    "tomlkit": {"broadcaster/folder/": 1},
    "sqlite_utils": {"broadcaster/store/": 1},
    "sqlite3": {"broadcaster/store/": 99},
    "flask": {"web/": 99},
    "flask_wtf": {"web/": 99},
    "click": {"broadcaster/cli": 99},
    "gunicorn": {},
}
"""One library, one file: where each may be imported, and by how many files there."""

LOOPS_THAT_CATCH_ALL = {"broadcaster/hub/": 1, "broadcaster/unit/": 1}
"""The two loops where the cue in hand gets FAILED and the loop goes on."""

PRINTING = ("broadcaster/cli/",)


def told(faults: Iterable[str], remedy: str) -> None:
    """Fail with every fault on a line of its own, and what to do."""
    lines = sorted(set(faults))
    if lines:
        pytest.fail("\n".join([*lines, f"-> {remedy}"]), pytrace=False)


def ours() -> tuple[Source, ...]:
    return python_files("broadcaster", "web")


def test_no_module_is_longer_than_it_can_be_read() -> None:
    told(
        (
            f"{source.path}: {length} lines"
            for source in python_files()
            if (length := source.text.count("\n")) > LONGEST_MODULE
        ),
        f"split it along what it decides: {LONGEST_MODULE} lines are the limit, 200 are normal",
    )


def test_every_module_says_what_it_is_for() -> None:
    told(
        (source.path for source in python_files() if not ast.get_docstring(source.tree)),
        "open it with a docstring: what it is for, and its laws",
    )


def test_a_package_lists_its_files() -> None:
    """A stranger looks there first. Where each file is a command or a screen, its own name says enough."""
    told(
        (
            f"{source.path}: {source.path.rpartition('/')[0]} does not tell of it"
            for source in ours()
            if not source.path.endswith("__.py")
            and not source.path.startswith(("broadcaster/cli/", "web/pages/"))
            if source.path.count("/") > 1 or source.path.startswith("web/")
            if not re.search(rf"\b{Path(source.path).stem}\b", docstring_of_package(source.path))
        ),
        "say in the docstring of the package what the file is for",
    )


def docstring_of_package(path: str) -> str:
    package = ast.parse((ROOT / path).with_name("__init__.py").read_text(encoding="utf-8"))
    return ast.get_docstring(package) or ""


def test_names_are_the_words_of_the_trade() -> None:
    faults, needed = [], set()
    for source in python_files():
        libraries = source.libraries()
        for line, name in source.definitions:
            for remedy in banned_words(name, libraries):
                if (source.path, name) in NAMED_ALL_THE_SAME:
                    needed.add((source.path, name))
                else:
                    faults.append(f"{source.path}:{line}: {name}: {remedy}")
    told(faults, "use the glossary of README.md, or give a reason in NAMED_ALL_THE_SAME")
    told((f"{path}: {name}" for path, name in NAMED_ALL_THE_SAME.keys() - needed), "no longer needed: remove")


def banned_words(name: str, libraries: set[str]) -> Iterable[str]:
    """What is wrong with a name: one remedy for each word."""
    if name.strip("_") in ("log", "logs"):
        yield LOG
    excused = set().union(*(WORDS_OF_LIBRARIES.get(library, ()) for library in libraries))
    for word in words_of(name):
        singular = word.removesuffix("s")
        if singular in BANNED and singular not in excused:
            yield BANNED[singular]


def test_the_clock_is_read_in_one_file() -> None:
    faults = {
        f"{source.path}:{line}: {name}"
        for source in ours()
        for line, name in source.uses()
        if name in CLOCKS and source.path != "broadcaster/clock.py"
        if source.path not in READ_A_CLOCK_ALL_THE_SAME
    }
    told(faults, "take the time as an argument, or ask broadcaster.clock; an exemption needs a reason here")


def test_everything_is_caught_in_the_two_loops_and_nowhere_else() -> None:
    caught = [
        (source.path, node.lineno)
        for source in python_files("broadcaster", "web", "tools")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler) and catches_all(node) and not ends_in_raise(node)
    ]
    allowed = dict.fromkeys(LOOPS_THAT_CATCH_ALL, 0)
    faults = []
    for path, line in caught:
        loop = next((folder for folder in LOOPS_THAT_CATCH_ALL if path.startswith(folder)), None)
        if loop is None or allowed[loop] == LOOPS_THAT_CATCH_ALL[loop]:
            faults.append(f"{path}:{line}")
        else:
            allowed[loop] += 1
    told(faults, "catch what can be expected, by name; all is caught once in the hub's loop and the unit's")


def catches_all(node: ast.ExceptHandler) -> bool:
    kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    return any(kind is None or ast.unparse(kind) in ("Exception", "BaseException") for kind in kinds)


def ends_in_raise(node: ast.ExceptHandler) -> bool:
    """It only tidies up: the last thing it does is to let the same fault go on."""
    last = node.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_one_library_is_known_by_one_file() -> None:
    users: dict[str, list[str]] = defaultdict(list)
    for source in ours():
        for library in source.libraries() & KNOWN_BY.keys():
            users[library].append(source.path)
    faults = []
    for library, paths in users.items():
        left = dict(KNOWN_BY[library])
        for path in paths:
            place = next((place for place in left if path.startswith(place)), None)
            if place is None or left[place] == 0:
                faults.append(f"{library} is imported by {path}; all that import it: {', '.join(paths)}")
            else:
                left[place] -= 1
    told(faults, "give the one file that knows it a function for what is needed: see KNOWN_BY")


def test_the_domain_stands_on_the_standard_library_alone() -> None:
    told(
        (
            f"{source.path}:{line}: {name}"
            for source in python_files("broadcaster")
            if source.path.startswith("broadcaster/domain/")
            for line, name in source.imports
            if name.split(".")[0] not in sys.stdlib_module_names
            and not name.startswith("broadcaster.domain.")
        ),
        "the domain decides and needs nothing: move what does things to the package that does them",
    )


def test_nothing_is_printed_but_by_the_command_line() -> None:
    told(
        (
            f"{source.path}:{line}"
            for source in ours()
            if not source.path.startswith(PRINTING)
            for line in source.calls("print")
        ),
        "return it, raise it, or hand it to logging",
    )


def test_nothing_of_our_own_is_mocked() -> None:
    told(
        (
            f"{source.path}:{line}"
            for source in python_files()
            for line, name in source.imports
            if name.startswith(("unittest.mock", "mock.", "pytest_mock"))
        ),
        "write a small real one in tests/fakes that passes the contract suite of the real thing",
    )


def test_the_names_of_tests_are_sentences() -> None:
    told(
        (
            f"{source.path}:{node.lineno}: {node.name}"
            for source in python_files("tests")
            for node in ast.walk(source.tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.name.startswith("test_")
            and len(node.name.split("_")) < 4
        ),
        "say what is so, about the village: test_a_unit_without_its_hub_still_plays",
    )


def test_nothing_is_left_for_later_in_the_code() -> None:
    mark = re.compile(r"#.*\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b")
    told(
        (
            f"{source.path}:{number}"
            for source in python_files()
            for number, line in enumerate(source.text.splitlines(), 1)
            if mark.search(line)
        ),
        "do it now, or write it where work is planned",
    )


def test_no_file_names_a_machine_or_a_registry() -> None:
    home = re.compile(r"(?<![\w.~-])/(?:home|Users|root|work)/\w")
    registry = re.compile(r"\b(?:py" r"pi|python" r"hosted|np" r"mjs)\.(?:org|com)\b|--(?:extra-)?index-url")
    here = str(ROOT)
    faults = []
    for path in kept_files():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue  # a sound or a picture
        for number, line in enumerate(lines, 1):
            if here in line or home.search(line) or registry.search(line):
                faults.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    told(faults, "use a path from the root of the project, and no host of a package registry")


def test_the_locks_say_what_is_installed_and_not_from_where() -> None:
    faults = []
    for lock in ("requirements.lock", "requirements-build.lock"):
        text = (ROOT / lock).read_text()
        faults += [f"{lock}: {line}" for line in text.splitlines() if "://" in line]
        packages = re.findall(r"^[A-Za-z0-9].*(?:\n    --hash=.*)*", text, re.MULTILINE)
        faults += [f"{lock}: {name.splitlines()[0]}" for name in packages if "--hash=sha256:" not in name]
    told(faults, "remake it with make lock")


def test_every_dependency_says_why_it_is_there() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    project = tomllib.loads(text)["project"]
    wanted = [
        *project["dependencies"],
        *(w for more in project["optional-dependencies"].values() for w in more),
    ]
    explained = re.findall(r'^\s*"([^"]+)"\s*,\s*# \S', text, re.MULTILINE)
    told(
        (wish for wish in wanted if wish not in explained),
        "give it a line of its own in pyproject.toml, and a comment why it is worth its price",
    )


def test_the_readme_names_only_commands_that_exist() -> None:
    from broadcaster.cli import main  # here, so that a broken program breaks one rule and not all

    readme = (ROOT / "README.md").read_text()
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z][a-z-]*%?):", makefile, re.MULTILINE))
    benches = {f"bench-{path.stem}" for path in (ROOT / "tests/bench").glob("[a-z]*.py")}
    spoken = re.findall(r"`([^`\n]+)`|^    (.+)$|^((?:make|broadcaster) .+)$", readme, re.MULTILINE)
    faults = []
    for command in (" ".join(found).strip() for found in spoken):
        words = command.split()
        if words[:1] == ["make"] and len(words) > 1:
            if words[1] not in targets | benches | {"bench-NAME"}:
                faults.append(f"README.md: {command}")
        elif Path(words[0]).name == "broadcaster" and len(words) > 1:
            named = next((word for word in words[1:] if not word.startswith(("-", "/", "DIR"))), None)
            if named is not None and named not in main.commands:
                faults.append(f"README.md: {command}")
    told(faults, "name a target of the Makefile or a command of broadcaster --help")


def test_the_sounds_in_the_repository_are_small() -> None:
    sounds = [path for path in kept_files() if path.is_relative_to(ROOT / "audio")]
    told(
        (f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes" for path in sounds
         if path.stat().st_size > BIGGEST_SOUND),
        f"encode it as Opus, or leave it out: {BIGGEST_SOUND} bytes are the limit of one file",
    )  # fmt: skip
    assert sum(path.stat().st_size for path in sounds) <= ALL_SOUNDS
