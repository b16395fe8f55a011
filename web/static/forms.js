// Says at once that a file is too big; and while a form is on its way, says so and sends it only once.
"use strict";

(() => {
  function judge(field) {
    const wanted = document.getElementById("how-sound")?.checked ?? true;
    field.disabled = !wanted; // a file that is not meant is not sent
    const big = [...field.files].some((file) => file.size > Number(field.dataset.most));
    field.setCustomValidity(wanted && big ? field.dataset.tooBig : "");
    if (wanted && big) field.reportValidity();
  }

  for (const field of document.querySelectorAll("input[type=file][data-most]")) {
    field.addEventListener("change", () => judge(field));
    judge(field);
    for (const way of document.querySelectorAll("input[name=how]")) {
      way.addEventListener("change", () => judge(field));
    }
  }

  for (const form of document.forms) {
    form.addEventListener("submit", (sending) => {
      if (form.dataset.sent) {
        sending.preventDefault();
        return;
      }
      form.dataset.sent = "yes";
      const button = form.querySelector("button[data-busy]");
      if (!button) return;
      button.dataset.idle = button.textContent;
      button.textContent = button.dataset.busy;
    });
  }

  // back by the browser's own button: the form can be sent again
  addEventListener("pageshow", (shown) => {
    if (!shown.persisted) return;
    for (const form of document.forms) {
      delete form.dataset.sent;
      const button = form.querySelector("button[data-idle]");
      if (button) button.textContent = button.dataset.idle;
    }
  });
})();
