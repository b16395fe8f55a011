"""Voice and recordings to clips, and clips back to samples.

codec      files to samples and samples to files; the one place that knows PyAV. heads: what file heads say
faults     what can be wrong with a sound file or its place, and what to do about it
wav        WAV files for people's ears, also while they grow
loudness   how loud sound is, and bringing it to one level. limiter: holding true peaks
finishing  any sound to a finished clip. ahead: two cores share the work; gain: the last correction
mixing     chime, speech and pauses put together; the one place that knows pydub
intake     recordings people hand in, decoded and encoded in a child process with limits
making     the recipes: speech, recording, pause, chime -> levelled clip of a library
library    clips by content on the hub's disk. memory: files that need no disk

Laws
1. Inside, sound is 48 kHz mono float32 in [-1, 1], and one frame is one sample.
2. Long files are streams: nothing here holds more than a few seconds of a recording.
3. A clip is finished, levelled, immutable Ogg/Opus, named by the SHA-256 of its bytes; the same source
   and settings give the same bytes.
4. Files from people are hostile: only the child of `intake` opens them. What our own voices spoke is read
   here.
"""
