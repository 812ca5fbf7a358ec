// The token: who has it may change the cluster from this page.

import { read, token, useToken } from "./api.js";
import { say, sayOrHide } from "./dom.js";

const button = document.getElementById("access");
const dialog = document.getElementById("access-dialog");
const field = document.getElementById("token");
const error = document.getElementById("access-error");
let asked = false;
let afterChange = () => {};

/** Has a function called when there is another token, or none any more. */
export function onToken(act) {
  afterChange = act;
}

/** Shows what /api/session said. */
export function showAccess(session) {
  say(button, session.authorized ? "Token ✓" : "Token…");
  button.setAttribute("aria-label", session.authorized
    ? "Token: this page may change the cluster" : "Token: this page only reads");
  say(document.getElementById("access-state"), !session.writable
    ? "The daemon was started without a token: it refuses all changes. shard-admin serve --help tells how to give it one."
    : session.authorized
      ? "This page may change the cluster."
      : "This page only reads. With the daemon's token it can also start and steer moves.");
  document.getElementById("access-forget").disabled = token() === "";
}

/** Asks for the token, since the daemon gives no answer without; once, and then waits until somebody wants to give it. */
export function askForToken() {
  if (!asked && !document.querySelector("dialog[open]")) {
    asked = true;
    open();
  }
}

function open() {
  sayOrHide(error, "");
  field.value = "";
  dialog.showModal();
}

button.addEventListener("click", open);
document.getElementById("access-close").addEventListener("click", () => dialog.close());
document.getElementById("access-forget").addEventListener("click", () => {
  useToken("");
  dialog.close();
  afterChange();
});
document.getElementById("access-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const before = token();
  useToken(field.value.trim());
  try {
    const session = await read("api/session");
    if (session.authorized) {
      dialog.close();
      afterChange();
      return;
    }
    sayOrHide(error, session.writable
      ? "That is not the daemon's token."
      : "The daemon was started without a token, so none is right.");
  } catch (e) {
    sayOrHide(error, e.status === 401 ? "That is not the daemon's token." : e.message);
  }
  useToken(before);
  field.select();
});
