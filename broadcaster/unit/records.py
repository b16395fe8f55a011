"""Being written by the lead right now (records): please wait for the commit, then review it."""
