"""The daemon: from what people mean to what lies on the units, and back to what was heard.

folders      what the station folder says; a bad file leaves the last good one in force
rundowns     programmes, announcements and bookings of a time, worked out
planning     rundown and clips to the plans of zones (pure)
announcing   when announcements start. takingback: what a person takes back or stops
preparation  items to clips, made ahead of air. making: by the station's voices, audio and library
standing     what lies ready on the units for alerts, whatever is planned
airing       signed plans and orders, and the answer to a unit that asks. numbers: the seq of orders, from
             memory
collecting   as-run entries and heartbeats
joining      strangers at the door, until a person has typed their digits
alerts/      raising an alert, to the millisecond, whatever all the others do
readinesstests  every unit is asked whether it is ready for every alert, in silence
clips        the HTTP server units fetch from and join at
hub          one pass of the daemon: look, plan, prepare, tell
service      the process: wires, timers and the loop
alarm        the one file that knows APScheduler

Laws
1. The hub may die at any instant and start again: what it needs is in the store and in files.
2. Nothing a unit asks waits for the store or a voice.
3. A fault in one cue, file or unit is that one's: the loop goes on.
"""
