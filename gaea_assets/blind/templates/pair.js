"use strict";
const form = document.querySelector("form");
const button = form.querySelector("button");
const note = document.getElementById("note");
const voice = document.querySelector("details.voice");
let sent = false;
form.addEventListener("submit", event => {
  if (sent) event.preventDefault();
  sent = button.disabled = true;
});
addEventListener("pageshow", () => { sent = button.disabled = false; });
if (sessionStorage.getItem("voice") === "closed") voice.open = false;
voice.addEventListener("toggle", () => sessionStorage.setItem("voice", voice.open ? "open" : "closed"));
addEventListener("keydown", event => {
  if (event.isComposing || event.altKey || event.metaKey) return;
  const writing = event.target === note;
  if (event.key === "Enter" && event.ctrlKey === writing && !event.target.closest("summary, button")) {
    event.preventDefault();
    form.requestSubmit();
  } else if (writing) {
    if (event.key === "Escape") note.blur();
  } else if (!event.ctrlKey && /^[1-6]$/.test(event.key)) {
    const choice = form.querySelector(`[data-key="${event.key}"]`);
    choice.checked = true;
    choice.focus({ preventScroll: true });
  } else if (!event.ctrlKey && event.key.toLowerCase() === "n") {
    event.preventDefault();
    note.focus();
  } else if (!event.ctrlKey && event.key.toLowerCase() === "v") {
    voice.open = !voice.open;
    if (voice.open) scrollTo({ top: 0 });
  }
});
