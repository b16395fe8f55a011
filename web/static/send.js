// Sends what cannot wait: forms with data-urgent, by fetch, with a limit, once for each tap.
//
// What did not arrive is told, and is never sent again by itself: a warning that sounds two hours late is a
// false alarm. Each form carries an id, so that two taps are one act; and the age of the tap, so that what
// the network held back too long is refused by the server. When the link is there again, it is only asked
// (by reading) whether the first tap did arrive after all, and the person is asked whether to send now.

const PATIENCE = 10000; // ms until it counts as not sent; the server refuses what is older than this
const ASK_EVERY = 2000; // ms between two questions whether the server is there again
const opened = Date.now();
const openedThere = document.getElementById("live")?.dataset.now; // the same, by the server's clock

const notSent = document.getElementById("not-sent");
const asks = document.getElementById("asks");

/** Send the form. `extra`: what belongs to it and stands in no field. */
export async function send(form, submitter = null, extra = {}) {
  if (form.dataset.sent) return;
  form.dataset.sent = "yes";
  const button = submitter ?? buttonOf(form);
  busy(button, true);
  refuse(form, null);
  const fields = new FormData(form);
  if (submitter?.name) fields.set(submitter.name, submitter.value);
  for (const [name, value] of Object.entries(extra)) fields.set(name, ...[value].flat());
  fields.set("age", String(Date.now() - opened));
  if (openedThere && !fields.has("opened")) fields.set("opened", openedThere);
  const [answer, fault] = await posted(form, fields);
  delete form.dataset.sent;
  busy(button, false);
  if (answer?.to) return arrived(answer, form);
  if (answer && answer.status < 500) return refuse(form, answer);
  untold(form, answer?.sentence ?? fault);
}

/** What the server said, or why nothing came back: offline, silent, or late. */
async function posted(form, fields) {
  const stop = new AbortController();
  const bell = setTimeout(() => stop.abort(), Number(form.dataset.patience ?? PATIENCE));
  try {
    const token = document.querySelector("meta[name=csrf]")?.content ?? "";
    const headers = { Accept: "application/json", "X-CSRFToken": token };
    const answer = await fetch(form.action, { method: "POST", body: fields, headers, signal: stop.signal });
    const told = await answer.json();
    return [{ ...told, status: answer.status }, ""];
  } catch {
    if (navigator.onLine === false) return [null, "offline"];
    return [null, stop.signal.aborted ? "late" : "silent"];
  } finally {
    clearTimeout(bell);
  }
}

/** The button of a form, which may stand in the dock. */
function buttonOf(form) {
  return [...form.elements].find((part) => part.type === "submit");
}

function arrived(answer, form) {
  document.querySelectorAll("[data-lost]").forEach((band) => (band.hidden = true));
  if (form.hasAttribute("data-stay")) document.dispatchEvent(new CustomEvent("renew"));
  else location.replace(answer.to); // so that going back leads to a fresh page, not to this one
}

function busy(button, on) {
  if (!button) return;
  button.toggleAttribute("disabled", on);
  const words = button.querySelector("[data-words]") ?? button;
  if (on && button.dataset.busy) {
    words.dataset.idle = words.textContent;
    words.textContent = button.dataset.busy;
  } else if (!on && words.dataset.idle) {
    words.textContent = words.dataset.idle;
    delete words.dataset.idle;
  }
}

/** The server said no: its sentence stands above the button; `see` leads to what is there already. */
function refuse(form, answer) {
  const note = form.querySelector("[data-refused]") ?? document.querySelector("[data-refused]");
  if (!note) return;
  note.hidden = !answer;
  if (!answer) return;
  note.querySelector("span").textContent = answer.sentence;
  const see = note.querySelector("a");
  if (see) {
    see.hidden = !answer.see;
    if (answer.see) see.href = answer.see;
  }
  if (answer.code === "already-raised" && form.elements.anyway) {
    form.elements.anyway.value = "yes"; // the next tap means: all the same
    const words = buttonOf(form)?.querySelector("[data-words]");
    if (words) words.textContent = words.dataset.anyway;
  }
  note.scrollIntoView({ block: "center" });
}

/** It was not sent, or nobody knows. On a page that raises, all of it turns into what to do now. */
function untold(form, fault) {
  const band = (notSent ?? document).querySelector("[data-lost]");
  if (!band) return;
  const words = form.dataset[fault] ?? band.dataset[fault] ?? fault;
  band.querySelector("p").textContent = words;
  band.hidden = false;
  if (!notSent) return;
  notSent.hidden = false;
  if (asks) asks.hidden = true;
  notSent.dataset.state = "waits";
  dock(form, "retry");
  scrollTo(0, 0);
  askAgain(form);
}

/** Wait for the server by reading only; then go where the first tap led, or ask the person. */
function askAgain(form) {
  if (form.dataset.asking || !form.dataset.known) return;
  form.dataset.asking = "yes";
  const question = setInterval(async () => {
    if (form.dataset.sent) return;
    const known = await isKnown(form.dataset.known);
    if (known === null) return;
    clearInterval(question);
    delete form.dataset.asking;
    if (known.to) return location.replace(known.to);
    const back = notSent.querySelector("[data-back]");
    notSent.querySelector("[data-lost]").hidden = true;
    back.hidden = false;
    dock(form, "ask");
  }, ASK_EVERY);
}

async function isKnown(address) {
  if (navigator.onLine === false) return null;
  const stop = new AbortController();
  const bell = setTimeout(() => stop.abort(), ASK_EVERY);
  try {
    const answer = await fetch(address, { cache: "no-store", signal: stop.signal });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  } finally {
    clearTimeout(bell);
  }
}

/** The one act of the dock: quiet as long as there is no link, red again when the person is asked. */
function dock(form, state) {
  const button = buttonOf(form);
  const words = button.querySelector("[data-words]");
  if (!words) return;
  button.classList.toggle("alarm", state === "ask");
  button.classList.toggle("big", state === "retry");
  words.dataset.first ??= words.textContent;
  words.textContent = state === "retry" ? button.dataset.retry : words.dataset.first;
}

document.addEventListener("submit", (sending) => {
  if (!sending.target.matches("form[data-urgent]")) return;
  sending.preventDefault();
  send(sending.target, sending.submitter);
});
