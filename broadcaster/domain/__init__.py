"""Pure rules: what should be heard, where, when, and what gives way to what.

Laws of this package
1. Standard library only: no clock, disk, network, thread, log. Time is an argument.
2. Wrong values cannot be built: frozen, keyword-only dataclasses checked when they are made.
3. Instants are aware UTC. Local time exists only in `timetable` and `quiet`, which are given the zone.
4. Policy is a table, and a test proves it total.
"""
