// Asks before what cannot be undone with a click.

import { say } from "./dom.js";

const dialog = document.getElementById("confirm-dialog");

/** Whether the person says yes. */
export function confirm(title, text, yes) {
  say(document.getElementById("confirm-title"), title);
  say(document.getElementById("confirm-text"), text);
  say(document.getElementById("confirm-yes"), yes);
  dialog.returnValue = "no"; // what Escape leaves
  dialog.showModal();
  return new Promise((answer) =>
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true }));
}
