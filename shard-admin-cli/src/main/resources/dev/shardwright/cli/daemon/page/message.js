// What came of something that was asked for; it stays until the next, or until it is read.

import { say } from "./dom.js";

const SHOWN_MILLIS = 15_000;
const line = document.getElementById("message");
let waiting = null;

/** Says it, to those who listen too. What went wrong stays. */
export function tell(text, wrong = false) {
  clearTimeout(waiting);
  line.classList.toggle("bad", wrong);
  say(line, text);
  if (!wrong) {
    waiting = setTimeout(() => say(line, ""), SHOWN_MILLIS);
  }
}
