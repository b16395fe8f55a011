// Records with the phone's microphone and sends it at once. Where a page may not listen (no HTTPS, or the
// browser inside another app) the field for a file stays, which opens the phone's own recorder.

import { send } from "./send.js";

const LONGEST = 180; // seconds: what a person says in one breath of an emergency, and a slow link can carry
const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];

const form = document.querySelector("form[data-record]");
const file = document.getElementById("by-file");
const voice = document.getElementById("by-voice");
const start = document.getElementById("start");
const spoken = document.getElementById("spoken");
const level = document.getElementById("level");

let recorder = null;
let pieces = [];
let began = 0;
let ears = null;

function show(state) {
  form.dataset.state = state;
  for (const part of document.querySelectorAll("[data-when]")) {
    part.hidden = !part.dataset.when.split(" ").includes(state);
  }
}

async function record() {
  let sound;
  try {
    sound = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false } });
  } catch {
    show("refused"); // the person, or the phone, said no: the file stays
    file.hidden = false;
    return;
  }
  const type = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
  recorder = new MediaRecorder(sound, { ...(type && { mimeType: type }), audioBitsPerSecond: 32000 });
  pieces = [];
  recorder.addEventListener("dataavailable", (told) => pieces.push(told.data));
  recorder.start(1000);
  began = performance.now();
  listen(sound);
  show("records");
}

function listen(sound) {
  ears = new AudioContext();
  const meter = ears.createAnalyser();
  ears.createMediaStreamSource(sound).connect(meter);
  const samples = new Float32Array(meter.fftSize);
  (function look() {
    if (recorder?.state !== "recording") return;
    meter.getFloatTimeDomainData(samples);
    const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    level.value = Math.max(loudest, level.value * 0.9);
    const seconds = Math.floor((performance.now() - began) / 1000);
    spoken.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (seconds >= LONGEST) recorder.stop(); // what is there stays; the person sends it, or not
    requestAnimationFrame(look);
  })();
}

/** The recording, whole; the microphone is let go. */
function finished() {
  return new Promise((done) => {
    const whole = () => {
      recorder.stream.getTracks().forEach((part) => part.stop());
      ears?.close();
      const type = recorder.mimeType.split(";")[0] || "audio/webm";
      done([new Blob(pieces, { type }), `ghi-am.${type.split("/")[1]}`]);
    };
    if (recorder.state === "inactive") return whole();
    recorder.addEventListener("stop", whole, { once: true });
    recorder.stop();
  });
}

if (form && navigator.mediaDevices?.getUserMedia && window.MediaRecorder) {
  file.hidden = true;
  voice.hidden = false;
  show("ready");
  let kept = null; // recorded and not sent: the next tap sends the same
  start.addEventListener("click", record);
  document.getElementById("discard").addEventListener("click", async () => {
    if (recorder) await finished();
    kept = null;
    show("ready");
  });
  form.addEventListener("submit", async (sending) => {
    sending.preventDefault();
    sending.stopPropagation(); // it is sent here, with what was recorded
    if (form.dataset.state === "refused") return send(form, sending.submitter);
    kept ??= await finished();
    send(form, sending.submitter, { recording: kept });
  });
} else if (form) {
  show("refused");
}
