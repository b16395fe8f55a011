"""Voice and recordings to clips, and clips back to samples.

codec     files to samples and samples to files; the one place that knows PyAV
wav       WAV files for people's ears, also while they grow
loudness  how loud sound is and how it is brought to one level
mixing    chime, speech and pauses put together; the one place that knows pydub
making    the recipes: speech, recording, pause, chime -> levelled clip
intake    recordings people hand in, decoded and encoded in a child process with limits
library   clips by content on the hub's disk

Laws
1. Inside, sound is 48 kHz mono float32 in [-1, 1], and one frame is one sample.
2. Long files are streams: nothing here holds more than a few seconds of a recording.
3. A clip is finished, levelled, immutable Ogg/Opus, named by the SHA-256 of its bytes; the same source
   and settings give the same bytes.
4. Files from people are hostile: only `intake` may decode them.
"""
