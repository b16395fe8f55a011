// Plays the pieces of an alert one after the other, as the horns will.
"use strict";

(() => {
  let playing = null; // the piece that sounds

  function box(part) {
    return part.closest("[data-listen]");
  }

  function words(root, text) {
    const button = root?.querySelector("button");
    if (button) button.querySelector("span").textContent = button.dataset[text];
  }

  function stop() {
    playing?.pause();
    words(playing && box(playing), "play");
    playing = null;
  }

  function play(piece) {
    stop();
    if (!piece) return;
    playing = piece;
    words(box(piece), "stop");
    piece.currentTime = 0;
    piece.onended = () => {
      const pieces = [...box(piece).querySelectorAll(":scope > audio")];
      play(pieces[pieces.indexOf(piece) + 1]);
    };
    piece.play().catch(stop);
  }

  document.addEventListener("click", (tap) => {
    const button = tap.target.closest("[data-listen] button");
    if (!button) return;
    if (playing) stop();
    else play(box(button).querySelector("audio"));
  });
})();
