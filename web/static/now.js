// Renews the moving part of a page: every element with data-again is fetched anew every data-seconds and
// replaced, until one comes without. What a person holds (focus, an open detail, a pressed button) is kept.
// Others hear of it: `told` on the document, with the server's clock; they ask for it at once by `renew`.
"use strict";

(() => {
  const PATIENCE = 8000; // ms until a server counts as silent
  const shown = new Map(); // what each element looked like, by its id
  const tags = new Map(); // what the server calls that, so that it need not send it twice
  const waiting = new Map(); // who is asked for next, and by which bell

  async function fetched(root) {
    const stop = new AbortController();
    const bell = setTimeout(() => stop.abort(), PATIENCE);
    const tag = tags.get(root.id);
    try {
      const headers = tag ? { "If-None-Match": tag } : {};
      const answer = await fetch(root.dataset.again, { cache: "no-store", headers, signal: stop.signal });
      if (answer.redirected) {
        location.reload(); // signed out meanwhile: the page itself knows where to go
        return null;
      }
      if (answer.status !== 304 && !answer.ok) return null;
      const text = answer.status === 304 ? shown.get(root.id) : await answer.text();
      tags.set(root.id, answer.headers.get("ETag"));
      const now = Number(answer.headers.get("X-Now"));
      if (now) document.dispatchEvent(new CustomEvent("told", { detail: { id: root.id, now } }));
      return text;
    } catch {
      return null;
    } finally {
      clearTimeout(bell);
    }
  }

  function tellAge(silent, root) {
    const old = document.getElementById("old");
    if (!old || old.dataset.of !== root.id) return;
    old.hidden = !silent;
    root.classList.toggle("old", silent);
    if (silent) {
      const words = navigator.onLine === false ? old.dataset.offline : old.dataset.silent;
      old.querySelector("span").textContent = `${words} ${root.dataset.clock}.`;
    }
  }

  function replaced(root, text) {
    const fresh = new DOMParser().parseFromString(text, "text/html").getElementById(root.id);
    if (!fresh) return root;
    for (const open of root.querySelectorAll("details[open][id]")) {
      const same = fresh.querySelector(`#${CSS.escape(open.id)}`);
      if (same) same.open = true;
    }
    if (root.dataset.clock && !fresh.dataset.clock) fresh.dataset.clock = root.dataset.clock;
    const held = root.contains(document.activeElement) ? document.activeElement.id : "";
    root.replaceWith(fresh);
    if (held) document.getElementById(held)?.focus({ preventScroll: true });
    return fresh;
  }

  async function again(root) {
    if (document.hidden) return later(root);
    const text = await fetched(root);
    tellAge(text === null, root);
    if (text === null || text === shown.get(root.id) || root.querySelector(":active")) return later(root);
    shown.set(root.id, text);
    const fresh = replaced(root, text);
    const clock = document.getElementById("clock");
    if (clock && fresh.dataset.clock) clock.textContent = fresh.dataset.clock;
    later(fresh);
  }

  function later(root) {
    if (!root.dataset.again) return waiting.delete(root.id);
    waiting.set(root.id, { root, bell: setTimeout(again, Number(root.dataset.seconds) * 1000, root) });
  }

  document.addEventListener("renew", () => {
    for (const { root, bell } of [...waiting.values()]) {
      clearTimeout(bell);
      waiting.delete(root.id);
      again(root);
    }
  });

  document.querySelectorAll("[data-again]").forEach(later);
})();
