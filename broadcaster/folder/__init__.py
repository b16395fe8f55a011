"""A station folder: station.toml, schedules/ and audio/, read, judged and watched; templates are written too.

stations, hours    station.toml, with its allowed hours and quiet spells
schedules          schedules/: programmes, with their items. listing: the files of such a folder
alerts, templates  schedules/alerts/: what is ready to be said when it comes to it. alertchecking: what else
                   is wrong with it; alertwriting: what the panel saves there
audio              which sound file is meant
contacts           whom to call when the horns cannot be reached
checking           everything that is wrong, at once
watch              noticing that people changed something
sections, values   a table taken key by key; documents: the one file that knows the TOML library;
                   lines: on which line a key is written; faults: what is wrong, told to whoever wrote it

Laws
1. A file is judged whole: every fault in it is told at once, with file, line and key.
2. A bad file never stops the good ones, and no content of any file raises anything but `BadFolder`.
3. Nothing outside the folder's audio/ is ever named by a schedule.
4. No clock is read: `check` is given today, `Settler` is given the time of each look.
"""

from broadcaster.folder.alerts import Alerts, alert_mark, read_alert, read_alerts
from broadcaster.folder.alertwriting import ChangedUnderneath, write_alert
from broadcaster.folder.audio import find_chime, find_fallbacks, find_recording
from broadcaster.folder.checking import check
from broadcaster.folder.contacts import Contact
from broadcaster.folder.faults import BadFolder, Fault
from broadcaster.folder.schedules import Schedules, read_programme, read_schedules
from broadcaster.folder.stations import Settings, read_contacts, read_settings, read_station
from broadcaster.folder.watch import Change, Fingerprint, Settler, fingerprint

__all__ = [
    "Alerts",
    "BadFolder",
    "Change",
    "ChangedUnderneath",
    "Contact",
    "Fault",
    "Fingerprint",
    "Schedules",
    "Settings",
    "Settler",
    "alert_mark",
    "check",
    "find_chime",
    "find_fallbacks",
    "find_recording",
    "fingerprint",
    "read_alert",
    "read_alerts",
    "read_contacts",
    "read_programme",
    "read_schedules",
    "read_settings",
    "read_station",
    "write_alert",
]
