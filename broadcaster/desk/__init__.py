"""Every verb a person can use, once, for panel and command line.

Each verb checks the right (`rights`), checks what was typed (`entries`), writes in one transaction, and
leaves an audit line in the same one. What cannot be done raises NotAllowed, NotFound or BadEntry (all
DeskFault), whose text says in plain words what to do; StoreFault passes through.

counter  what every verb stands on; faults why one was not carried out
rights   who may do what; entries what may be typed; passwords argon2id; throttle how long to wait
people, bulletins, recordings, booking, air, units: the verbs, by noun; `Desk` has them all
alerts raises an alert, alertends ends it, alerttemplates makes it ready; alertentries what may be typed of
one, versions its next version, handing the way past a store that takes nothing, handedlines
the audit lines of what went that way
board    what people look at: what sounds, what comes, what became of it. It changes nothing
alertreports what is known of an alert, alertlines of one unit and it; alertboard reads them together
"""

from broadcaster.desk.air import AirVerbs
from broadcaster.desk.alertends import EndingVerbs
from broadcaster.desk.alerttemplates import ReadyingVerbs
from broadcaster.desk.counter import Folder
from broadcaster.desk.faults import (
    AlreadyRaised,
    BadEntry,
    ChangedMeanwhile,
    DeskFault,
    NotAllowed,
    NotFound,
    NotSent,
    WaitToSignIn,
)
from broadcaster.desk.handing import AlertAct
from broadcaster.desk.recordings import RecordingVerbs
from broadcaster.desk.rights import Scope, Verb, scope_of
from broadcaster.desk.units import UnitVerbs

__all__ = [
    "AlertAct",
    "AlreadyRaised",
    "BadEntry",
    "ChangedMeanwhile",
    "Desk",
    "DeskFault",
    "Folder",
    "NotAllowed",
    "NotFound",
    "NotSent",
    "Scope",
    "Verb",
    "WaitToSignIn",
    "scope_of",
]


class Desk(AirVerbs, RecordingVerbs, ReadyingVerbs, UnitVerbs, EndingVerbs):
    """All verbs. Safe for several threads. Verbs take the acting person first; get one by `sign_in`,
    `person` (a session's login, on every request) or `local_admin` (the command line).

    Where a verb takes `id`, a client-made one (a slug) makes a double tap or a retry harmless: the same
    call again gives the first one's result and does nothing more.
    """
