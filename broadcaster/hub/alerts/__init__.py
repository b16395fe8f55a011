"""Alerts in the hub: on a path of their own, past planning, preparation and the pass over everything else.

service    alerts to the millisecond: threads, wire and clock around raising
raising    alerts in the hub's hands: when each goes, what is signed, what has to be written down
arbiter    what is known of each version, and what follows from it (pure)
orders     what units are told of one (pure). lines: its rounds as lines of the rundown
clips      which clips it is in each zone. ownsounds: its own words and recordings, made meanwhile;
           atonce: words typed just now, within the second
books      what store, journal and disk are told. journal: a small file for what the store does not take

Law: nothing here waits for the rest of the hub. The rest knows only `service`, and gives these its reading,
its units, its clips and the next number of an order.
"""
