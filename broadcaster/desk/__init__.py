"""Every verb a person can use, once, for panel and command line.

Each verb checks the right (`rights`), checks what was typed (`entries`), writes in one transaction, and
leaves an audit line in the same one. What cannot be done raises NotAllowed, NotFound or BadEntry (all
DeskFault), whose text says in plain words what to do; StoreFault passes through.

counter  what every verb stands on; faults why one was not carried out
rights   who may do what; entries what may be typed; passwords argon2id; throttle how long to wait
people, bulletins, recordings, booking, air, units: the verbs, by noun; `Desk` has them all
board    what people look at: what sounds, what comes, what became of it. It changes nothing
"""

from broadcaster.desk.air import AirVerbs
from broadcaster.desk.counter import Folder
from broadcaster.desk.faults import BadEntry, DeskFault, NotAllowed, NotFound, WaitToSignIn
from broadcaster.desk.people import PeopleVerbs
from broadcaster.desk.recordings import RecordingVerbs
from broadcaster.desk.rights import Scope, Verb, scope_of
from broadcaster.desk.units import UnitVerbs

__all__ = [
    "BadEntry",
    "Desk",
    "DeskFault",
    "Folder",
    "NotAllowed",
    "NotFound",
    "Scope",
    "Verb",
    "WaitToSignIn",
    "scope_of",
]


class Desk(AirVerbs, RecordingVerbs, PeopleVerbs, UnitVerbs):
    """All verbs. Safe for several threads. Verbs take the acting person first; get one by `sign_in`,
    `person` (a session's login, on every request) or `local_admin` (the command line).

    Where a verb takes `id`, a client-made one (a slug) makes a double tap or a retry harmless: the same
    call again gives the first one's result and does nothing more.
    """
