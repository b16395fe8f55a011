"""The agent in a loudspeaker box: it asks, fetches, keeps, plays and tells, and goes on alone.

How its samples come to the horn is `broadcaster.horn`.

home       who this unit is: its keys, its station, what it must not forget
joining    how it became a unit of the station
obeying    whose orders, answers and plans are believed, and only once
cache, room, fetching, http, lines    plan and clips on its disk, fetched ahead, whole or not at all
clock      station time, and whether to trust it
holding    the plan in force and the clips it needs
box        one pass of the agent: the pure playout carried out (time is an argument)
timeline   the passages handed to the player, bounded by the hours, as loud as they may be
account    what has sounded of one cue, and the line that comes of it
records, reporting    what was played, until the hub has it
alerts, keeping    what is in force of alerts, here and on the disk. readiness: could it sound one now?
asking     what the hub says: the present state, and orders
vitals, machine, usage    what the unit says of its own state, of its machine and its SIM card
agent      the process: timers, and the loop
starting   what the command line calls

Laws
1. What is planned plays, whatever far away is broken. What plays is told, once, when somebody listens.
2. Nothing half-written is ever played or believed.
3. Crash-only: a hung device or loop ends the process; starting again is the one way of mending.
"""
