"""Between hub and unit: what is said, signed by whom, over which wire.

messages    the words: orders, questions, reports. Domain values travel as themselves.
envelope    signing and judging: nobody else can make the horns speak.
broker      nats-server as a child of the hub, with one identity and its own rights for each unit.
connection  the one NATS connection of a hub or a unit, and its subjects.
timesync    station time over four timestamps.
pairing     how a unit joins: two keys, one spoken code.
"""
