"""The daemon: from what people mean to what lies on the units, and back to what was heard.

planning     rundown and clips to the plans of zones (pure)
preparation  items to clips, made ahead of air
airing       signed plans and orders, and the answer to a unit that asks
collecting   as-run entries and heartbeats
clips        the HTTP server units fetch from and join at
hub          one pass of the daemon: look, plan, prepare, tell
service      the process: wires, timers and the loop
alarm        the one file that knows APScheduler

Laws
1. The hub may die at any instant and start again: what it needs is in the store and in files.
2. Nothing a unit asks waits for the store or a voice.
3. A fault in one cue, file or unit is that one's: the loop goes on.
"""
