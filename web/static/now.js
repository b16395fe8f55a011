// Renews the moving part of a page: every element with data-again is fetched anew every data-seconds and
// replaced, until one comes without. What a person holds (focus, an open detail, a pressed button) is kept.
"use strict";

(() => {
  const PATIENCE = 8000; // ms until a server counts as silent
  const shown = new Map(); // what each element looked like, by its id

  async function fetched(address) {
    const stop = new AbortController();
    const bell = setTimeout(() => stop.abort(), PATIENCE);
    try {
      const answer = await fetch(address, { cache: "no-store", signal: stop.signal });
      if (answer.redirected) {
        location.reload(); // signed out meanwhile: the page itself knows where to go
        return null;
      }
      return answer.ok ? await answer.text() : null;
    } catch {
      return null;
    } finally {
      clearTimeout(bell);
    }
  }

  function tellAge(silent, root) {
    const old = document.getElementById("old");
    if (!old) return;
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
    const held = root.contains(document.activeElement) ? document.activeElement.id : "";
    root.replaceWith(fresh);
    if (held) document.getElementById(held)?.focus({ preventScroll: true });
    return fresh;
  }

  async function again(root) {
    if (document.hidden) return later(root);
    const text = await fetched(root.dataset.again);
    tellAge(text === null, root);
    if (text === null || text === shown.get(root.id) || root.querySelector(":active")) return later(root);
    shown.set(root.id, text);
    const fresh = replaced(root, text);
    const clock = document.getElementById("clock");
    if (clock && fresh.dataset.clock) clock.textContent = fresh.dataset.clock;
    later(fresh);
  }

  function later(root) {
    if (root.dataset.again) setTimeout(again, Number(root.dataset.seconds) * 1000, root);
  }

  document.querySelectorAll("[data-again]").forEach(later);
})();
