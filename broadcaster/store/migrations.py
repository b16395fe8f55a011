"""How the store came to its present shape. Steps are added at the end and never changed.

The number of steps done is SQLite's user_version, written in the same transaction as the step.
Instants and lengths are whole microseconds; lists are JSON; local dates are ISO text.
"""

from dataclasses import dataclass
from pathlib import Path

from broadcaster.store.faults import NewerStore

__all__ = ["MIGRATIONS", "Migration", "check_version"]


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: what it is for, and its SQL statements."""

    title: str
    statements: tuple[str, ...]


def check_version(path: Path, version: int, known: tuple[Migration, ...]) -> int:
    """Give `version` back when this program can read it. Raises NewerStore."""
    if version > len(known):
        raise NewerStore(
            f"{path} was written by a newer version of this program (its layout is number {version}, "
            f"this one knows {len(known)}): install that version again, or put back a backup made before it"
        )
    return version


def _moves_meant(table: str) -> tuple[str, ...]:
    """Whatever happens to a row of `table`, by whatever path, there is something to replan."""
    return tuple(
        f"CREATE TRIGGER {table}_{verb}_moves_meant AFTER {verb} ON {table} "  # noqa: S608 - names are ours
        "BEGIN UPDATE counters SET value = value + 1 WHERE name = 'meant'; END"
        for verb in ("insert", "update", "delete")
    )


MIGRATIONS: tuple[Migration, ...] = (
    Migration(
        "numbers that only grow, and the audit trail",
        (
            "CREATE TABLE counters (name TEXT PRIMARY KEY NOT NULL, value INTEGER NOT NULL)",
            "INSERT INTO counters VALUES ('revision', 0), ('seq', 0), ('meant', 0)",
            """CREATE TABLE audit (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                at INTEGER NOT NULL, who TEXT NOT NULL, verb TEXT NOT NULL, what TEXT NOT NULL,
                before TEXT NOT NULL, after TEXT NOT NULL)""",
        ),
    ),
    Migration(
        "people, and failed sign-ins",
        (
            """CREATE TABLE people (
                login TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, roles TEXT NOT NULL, zone TEXT,
                disabled INTEGER NOT NULL, hash TEXT NOT NULL, added INTEGER NOT NULL)""",
            "CREATE TABLE failures (login TEXT NOT NULL, source TEXT NOT NULL, at INTEGER NOT NULL)",
            "CREATE INDEX failures_by_login ON failures (login, at)",
            "CREATE INDEX failures_by_time ON failures (at)",
        ),
    ),
    Migration(
        "bulletins, and the slots they are booked into",
        (
            """CREATE TABLE bulletins (
                id TEXT PRIMARY KEY NOT NULL, title TEXT NOT NULL, words TEXT, recording TEXT,
                author TEXT NOT NULL, written INTEGER NOT NULL, rank INTEGER NOT NULL, language TEXT,
                state TEXT NOT NULL, words_by TEXT NOT NULL, words_at INTEGER NOT NULL,
                judged_by TEXT, judged_at INTEGER, why TEXT NOT NULL,
                CHECK ((words IS NULL) != (recording IS NULL)))""",
            "CREATE INDEX bulletins_by_time ON bulletins (written, id)",
            *_moves_meant("bulletins"),
            """CREATE TABLE bookings (
                cue TEXT NOT NULL, day TEXT NOT NULL, place INTEGER NOT NULL,
                bulletin TEXT NOT NULL REFERENCES bulletins (id),
                PRIMARY KEY (cue, bulletin)) WITHOUT ROWID""",
            "CREATE INDEX bookings_by_day ON bookings (day)",
            "CREATE INDEX bookings_by_bulletin ON bookings (bulletin)",
            *_moves_meant("bookings"),
        ),
    ),
    Migration(
        "announcements, and orders to units",
        (
            """CREATE TABLE announcements (
                id TEXT PRIMARY KEY NOT NULL, bulletin TEXT REFERENCES bulletins (id),
                title TEXT NOT NULL, words TEXT, recording TEXT, language TEXT, chime TEXT,
                zones TEXT NOT NULL, start INTEGER NOT NULL, rank INTEGER NOT NULL,
                asked_by TEXT NOT NULL, asked INTEGER NOT NULL, cancelled_by TEXT, cancelled_at INTEGER)""",
            "CREATE INDEX announcements_by_start ON announcements (start, id)",
            *_moves_meant("announcements"),
            """CREATE TABLE orders (
                id TEXT PRIMARY KEY NOT NULL, targets TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
                asked_by TEXT NOT NULL, asked INTEGER NOT NULL, expires INTEGER NOT NULL, sent INTEGER)""",
            "CREATE INDEX orders_by_expiry ON orders (expires)",
        ),
    ),
    Migration(
        "units, their heartbeats, and those that wait to be let in",
        (
            """CREATE TABLE units (
                id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, zone TEXT NOT NULL,
                nkey TEXT NOT NULL UNIQUE, joined INTEGER NOT NULL, volume REAL NOT NULL,
                forbidden INTEGER NOT NULL)""",
            *_moves_meant("units"),
            """CREATE TABLE beats (
                unit TEXT PRIMARY KEY NOT NULL REFERENCES units (id), at INTEGER NOT NULL,
                beat BLOB NOT NULL)""",
            """CREATE TABLE joining (
                nkey TEXT PRIMARY KEY NOT NULL, wish TEXT NOT NULL, code TEXT NOT NULL,
                first_seen INTEGER NOT NULL, expires INTEGER NOT NULL)""",
        ),
    ),
    Migration(
        "the rundown as published, and the last good text of schedule files",
        (
            """CREATE TABLE rundown (
                cue TEXT PRIMARY KEY NOT NULL, zones TEXT NOT NULL, start INTEGER NOT NULL,
                title TEXT NOT NULL, rank INTEGER NOT NULL, asked INTEGER NOT NULL, withdrawn INTEGER)""",
            "CREATE INDEX rundown_by_start ON rundown (start, cue)",
            """CREATE TABLE texts (
                path TEXT PRIMARY KEY NOT NULL, text TEXT NOT NULL, sha256 TEXT NOT NULL,
                good_at INTEGER NOT NULL)""",
        ),
    ),
    Migration(
        "the as-run log",
        (
            """CREATE TABLE asrun (
                id INTEGER PRIMARY KEY, cue TEXT NOT NULL, unit TEXT NOT NULL, programme TEXT NOT NULL,
                day TEXT NOT NULL, title TEXT NOT NULL, revision INTEGER NOT NULL, outcome TEXT NOT NULL,
                planned INTEGER NOT NULL, ended INTEGER NOT NULL, asked INTEGER NOT NULL,
                stretches TEXT NOT NULL, reason TEXT NOT NULL, level REAL, told INTEGER NOT NULL,
                UNIQUE (cue, unit))""",
            "CREATE INDEX asrun_by_day ON asrun (day, planned, id)",
            "CREATE INDEX asrun_by_unit ON asrun (unit, day, planned, id)",
            "CREATE INDEX asrun_by_programme ON asrun (programme, day, planned, id)",
            # counted as lines come, because counting a year of them takes most of a second
            """CREATE TABLE asrun_tally (
                day TEXT NOT NULL, outcome TEXT NOT NULL, lines INTEGER NOT NULL,
                PRIMARY KEY (day, outcome)) WITHOUT ROWID""",
            """CREATE TRIGGER asrun_insert_counts AFTER INSERT ON asrun BEGIN
                INSERT INTO asrun_tally VALUES (NEW.day, NEW.outcome, 1)
                ON CONFLICT (day, outcome) DO UPDATE SET lines = lines + 1; END""",
            """CREATE TRIGGER asrun_delete_counts AFTER DELETE ON asrun BEGIN
                UPDATE asrun_tally SET lines = lines - 1
                WHERE day = OLD.day AND outcome = OLD.outcome; END""",
            """CREATE TABLE asrun_conflicts (
                id INTEGER PRIMARY KEY, cue TEXT NOT NULL, unit TEXT NOT NULL, entry TEXT NOT NULL,
                told INTEGER NOT NULL, UNIQUE (cue, unit, entry))""",
        ),
    ),
    Migration(
        "what units use of their SIM cards, by months of the station",
        (
            """CREATE TABLE used (
                unit TEXT NOT NULL REFERENCES units (id), month TEXT NOT NULL, bytes INTEGER NOT NULL,
                PRIMARY KEY (unit, month)) WITHOUT ROWID""",
            # the sum as the unit told it last: only what it grows by is counted
            """CREATE TABLE used_sums (
                unit TEXT PRIMARY KEY NOT NULL REFERENCES units (id), bytes INTEGER NOT NULL)""",
        ),
    ),
    Migration(
        "units that fell silent: the hub says so at once, and when exactly they were heard last",
        ("ALTER TABLE beats ADD COLUMN silent INTEGER NOT NULL DEFAULT 0",),
    ),
    Migration(
        "alerts, what units answered to them, tests of their readiness, and who may raise them where",
        (
            """CREATE TABLE alerts (
                id TEXT NOT NULL, version INTEGER NOT NULL, status TEXT NOT NULL, message TEXT NOT NULL,
                title TEXT NOT NULL, severity INTEGER NOT NULL, zones TEXT NOT NULL, units TEXT NOT NULL,
                asked_by TEXT NOT NULL, asked INTEGER NOT NULL, expires INTEGER NOT NULL, fires_at INTEGER,
                template TEXT, words TEXT, recording TEXT, language TEXT, repeats INTEGER NOT NULL,
                gap INTEGER NOT NULL, every INTEGER, until INTEGER, volume REAL NOT NULL, seconded_by TEXT,
                cancelled_by TEXT, cancelled_at INTEGER, fired INTEGER, sent INTEGER, start INTEGER,
                trouble TEXT NOT NULL, PRIMARY KEY (id, version))""",
            "CREATE INDEX alerts_by_expiry ON alerts (expires)",
            "CREATE INDEX alerts_by_time ON alerts (asked)",
            # one line for each order each unit answered to; a test's id stands in the same column
            """CREATE TABLE alert_receipts (
                alert TEXT NOT NULL, unit TEXT NOT NULL, order_id TEXT NOT NULL, version INTEGER NOT NULL,
                received INTEGER NOT NULL, started INTEGER, lacks INTEGER NOT NULL, why TEXT NOT NULL,
                told INTEGER NOT NULL, PRIMARY KEY (alert, unit, order_id)) WITHOUT ROWID""",
            """CREATE TABLE readiness_tests (
                id TEXT PRIMARY KEY NOT NULL, asked_by TEXT NOT NULL, asked INTEGER NOT NULL,
                templates TEXT NOT NULL, units TEXT NOT NULL, sent INTEGER)""",
            "CREATE INDEX readiness_tests_by_time ON readiness_tests (asked)",
            """CREATE TABLE laid (
                template TEXT NOT NULL, zone TEXT NOT NULL, clips TEXT NOT NULL, revision INTEGER NOT NULL,
                at INTEGER NOT NULL, pending INTEGER NOT NULL, unmade TEXT NOT NULL,
                PRIMARY KEY (template, zone)) WITHOUT ROWID""",
            "ALTER TABLE people ADD COLUMN alert_zones TEXT NOT NULL DEFAULT '[]'",
        ),
    ),
    Migration(
        "what only some units of a zone are to sound: an alert said again for those who missed it",
        ("ALTER TABLE rundown ADD COLUMN units TEXT NOT NULL DEFAULT '[]'",),
    ),
)
