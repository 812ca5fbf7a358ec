// What is not as it should be, and what to do about it.

import { el, keyed, say } from "./dom.js";
import { since } from "./format.js";

const list = document.getElementById("alert-list");
const RANK = { critical: 0, warning: 1 };

/** Shows what /api/alerts said. */
export function showAlerts({ alerts }) {
  const items = alerts.length === 0 ? [null]
    : [...alerts].sort((a, b) => RANK[a.severity] - RANK[b.severity] || a.subject.localeCompare(b.subject));
  keyed(list, items, keyOf, create, update);
}

// The fact is not part of the key: it changes with each sample, and the alert is still the same.
function keyOf(alert) {
  return alert === null ? "none" : `${alert.severity} ${alert.name} ${alert.subject}`;
}

function create(alert) {
  if (alert === null) {
    return el("li", { class: "alert good" }, el("span", { class: "badge" }, "All well"), el("p", {}, "Nothing asks for attention."));
  }
  const known = RANK[alert.severity] === undefined ? "warning" : alert.severity;
  return el("li", { class: `alert ${known}` },
    el("span", { class: "badge" }, alert.severity),
    el("div", {},
      el("p", {}, el("strong", {}, alert.subject), ": ", el("span", { class: "fact" })),
      el("p", { class: "remedy" })),
    el("span", { class: "since", "aria-live": "off" }));
}

function update(item, alert) {
  if (alert !== null) {
    say(item.querySelector(".fact"), alert.fact);
    say(item.querySelector(".remedy"), alert.remedy);
    say(item.querySelector(".since"), alert.since ? `for ${since(alert.since)}` : "");
  }
}
