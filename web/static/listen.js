// Plays the pieces of an alert one after the other, as the horns will. Without it each has its own player.
"use strict";

(() => {
  for (const box of document.querySelectorAll("[data-listen]")) {
    const pieces = [...box.querySelectorAll("audio")];
    const button = box.querySelector("button");
    if (!button || !pieces.length) continue;
    let turn = -1; // which piece sounds; -1 is none
    const words = button.querySelector("span");
    const idle = words.textContent;

    function stop() {
      if (turn >= 0) pieces[turn].pause();
      turn = -1;
      words.textContent = idle;
    }

    function play(which) {
      if (which >= pieces.length) return stop();
      turn = which;
      words.textContent = button.dataset.stop;
      pieces[which].currentTime = 0;
      pieces[which].play().catch(stop);
    }

    pieces.forEach((piece, which) => {
      piece.hidden = true;
      piece.addEventListener("ended", () => play(which + 1));
    });
    button.hidden = false;
    button.addEventListener("click", () => (turn >= 0 ? stop() : play(0)));
  }
})();
