// Ticks what moves between two looks at the server: the countdown, and how long it has been on air. The hub
// counts; this only shows its clock, as the server told it last.
"use strict";

(() => {
  const OVERDUE = 2500; // ms after its moment until the page says that it waits for the hub
  let ahead = 0; // ms the server's clock is ahead of this phone's

  function set(now) {
    if (now) ahead = now - Date.now();
  }

  function clock(seconds) {
    const whole = Math.max(0, Math.floor(seconds));
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  }

  function tick() {
    const now = Date.now() + ahead;
    const ring = document.querySelector("[data-fires]");
    if (ring) {
      const left = Number(ring.dataset.fires) - now;
      const seconds = Math.max(0, Math.ceil(left / 1000));
      const number = ring.querySelector("b");
      if (number.textContent !== String(seconds)) {
        number.textContent = String(seconds);
        ring.setAttribute("aria-label", `${seconds} giây`);
        if (left <= 0 && left > -OVERDUE) document.dispatchEvent(new CustomEvent("renew"));
      }
      ring.style.setProperty("--part", Math.max(0, Math.min(1, left / Number(ring.dataset.whole))));
    }
    for (const since of document.querySelectorAll("[data-since]")) {
      const text = clock((now - Number(since.dataset.since)) / 1000);
      if (since.textContent !== text) since.textContent = text;
    }
  }

  const live = document.getElementById("live");
  if (!live) return;
  set(Number(live.dataset.now));
  document.addEventListener("told", (told) => {
    if (told.detail.id !== "live") return;
    set(told.detail.now);
    const time = { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: live.dataset.timezone };
    const root = document.getElementById("live");
    root.dataset.clock = new Date(told.detail.now).toLocaleTimeString("vi-VN", time);
  });
  // what was asked for is seen whole, with the button that says yes to it
  addEventListener("toggle", (told) => told.target.open && told.target.scrollIntoView({ block: "center" }), true);
  setInterval(tick, 100);
  tick();
})();
