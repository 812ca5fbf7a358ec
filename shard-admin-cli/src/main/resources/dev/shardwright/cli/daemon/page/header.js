// The cluster at a glance.

import { say, sayOrHide } from "./dom.js";
import { number, span } from "./format.js";

const banner = document.getElementById("connection");
const age = document.getElementById("age");
const state = document.getElementById("health");
const leader = document.getElementById("leader");
const SESSION = /, [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/; // tells candidates of one process apart, not people
let shownAt = null;

/** Shows /api/status and /health. */
export function showHeader(status, health) {
  say(document.getElementById("cluster"), status.cluster);
  document.title = `${status.cluster} · Shardwright`;
  say(document.getElementById("epoch"), number(status.epoch));
  showHealth(health);
}

function showHealth(health) {
  const up = health.status === "up";
  say(state, up ? "up" : "down");
  state.className = up ? "good" : "bad";
  say(leader, (health.leader ?? "none").replace(SESSION, "") + (health.leads ? " (this daemon)" : ""));
  leader.title = health.leader ?? "";
}

/** All figures are of now. */
export function fresh() {
  shownAt = Date.now();
  sayOrHide(banner, "");
  document.body.classList.remove("stale");
  showAge();
}

/** There are none: says why, and lets the old ones look old. */
export function stale(why, health) {
  sayOrHide(banner, `${why.replace(/\.$/, "")}. ${shownAt === null ? "There are no figures yet" : "The figures below are old"}; the page keeps trying.`);
  document.body.classList.add("stale");
  if (health) {
    showHealth(health);
  } else {
    say(state, "unknown");
    state.className = "bad";
  }
  showAge();
}

/** How old the figures are; not in a live region, since it changes all the time. */
function showAge() {
  if (shownAt === null) {
    say(age, "none yet");
    return;
  }
  const old = Date.now() - shownAt;
  say(age, old < 5_000 ? "live" : `${span(old)} old`);
}

setInterval(showAge, 1_000);
