"""The village loudspeaker broadcaster.

Start reading at domain/: what is decided, in the words of the trade.
"""
