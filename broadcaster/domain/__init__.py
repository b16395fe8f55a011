"""Pure rules: what should be heard, where, when, and what gives way to what.

In an order in which they can be read:
names, instants    ids that cannot be wrong; moments and spells of time
places, people     stations, zones, units; who may sit at the desk
programme, words   what staff plan, undated; what may be said aloud
bulletin           a bulletin's life
timetable, quiet   on which instants a programme falls; when ordinary sound is allowed
volume             how loud it may be, by part of day and rank
cues, rundown      dated lines, worked out. problems, conflicts: what is wrong with them
plan               what is laid on a unit
air, playout       what one unit has on air: its words, and `step`, which decides. precedence: who gives
                   way; lateness: where a late cue begins; changes, raising, moves: what happenings do
alert              what endangers people: templates, the versions of an alert, its rounds
alertsounds        what an alert sounds, item by item. readiness: who is ready for which, and why not
asrun              what really sounded, and how each ending is judged
health             judging heartbeats

Laws of this package
1. Standard library only: no clock, disk, network, thread, log. Time is an argument.
2. Wrong values cannot be built: frozen, keyword-only dataclasses checked when they are made.
3. Instants are aware UTC. What reckons with local time (`timetable`, `quiet`, `volume`) or tells it is
   given the zone.
4. Policy is a table, and a test proves it total.
"""
