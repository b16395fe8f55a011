"""From a passage to the horn: every frame on its instant, whatever the card does.

passage, source            what is to sound: clips joined to the sample, from an instant on
heads                      what must sound at once is open already
sounding, fading, level    a passage on the air: how it comes and goes, and how loud it was
resampler, pace            held to station time, unheard
laying                     passages laid on their frames, one block after the other
course, takingback         what was laid, and taking back what is not to sound after all
player, reach              the feeder, from when on it can still be decided, and what was heard
ring, sampleclock          frames on their way, and which of them sounds when
speaker, soundcard         ways to the horn
soundserver, standin       whether the horn is still there, and what speaks when it is not
amplifier, relay           the amplifier that is switched on for what sounds

Laws
1. Nothing here knows of plans, orders or the network: passages come in, samples go out.
2. What is told is what the device took, not what was wished.
3. Nothing that sounds waits for anybody: the device's callback copies, and the feeder opens nothing slow.
"""
