"""Between hub and unit: what is said, signed by whom, over which wire.

messages    the words: orders, questions, reports. Domain values travel as themselves.
vitals      what a unit says of itself: a sign of life, and its whole state when that is news.
envelope    signing: nobody else can make the horns speak.
packing     what is fetched made small.
judging     whether a unit obeys what was truly signed: for it, now, and for the first time.
identity    who speaks at the broker: nkeys.
rights      who may say and hear what there, as nats-server's configuration.
broker      nats-server as a child of the hub, tied to its life (tied).
wire        the two ends of the wire as hub and unit see them.
connection  both ends over NATS, for ever.
fromdesk    what panel and command line say to the hub.
line        one connection to the broker; knows nats-py.
reaching    a TCP connection over a network that comes and goes.
usage       what a connection has cost on the wire, as the kernel counts it.
timing      the lightest of the words: what time is it?
timesync    station time over four timestamps.
likeliest   the likeliest line of time through letters that were under way for unknown times.
pairing     how a unit joins: two keys, one spoken code.
"""
