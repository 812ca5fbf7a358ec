// Each shard with what it has, against its share and the line of the alert.

import { classOf, meet } from "./colours.js";
import { el, keyed, onChange, say, sayOrHide } from "./dom.js";
import { bytes, count, counted, ratio, since, words } from "./format.js";

const GOALS = { rows: count, bytes, load: (amount) => `${count(amount)}/min` };
const ALERT = 2;

const list = document.getElementById("shard-list");
const note = document.getElementById("shards-note");

/** Shows the shards of /api/status with the figures of /api/skew. */
export function showShards(status, skew) {
  sayOrHide(note, status.shards.length === 0
    ? "There is no shard yet: shard-admin shard add makes a database one."
    : skew.measuredAt === null
      ? "Not measured yet."
      : skew.shards.every((part) => GOALS[part.goal] === undefined)
        ? `Measured ${since(skew.measuredAt)} ago: there are no rows yet.`
        : `Over all keyspaces, measured ${since(skew.measuredAt)} ago. A bar ends at what the shard has; the lines are its share, and twice its share.`);
  redraw(status.shards, skew.shards);
}

const redraw = onChange((shards, parts) => {
  meet(shards.map((shard) => shard.id));
  const totals = totalsOf(parts);
  // All bars have one scale, so that they can be compared; it reaches beyond the line of the alert.
  const scale = Math.max(2.5, ...[...totals.values()].map((total) => fullness(total) * 1.05).filter(Number.isFinite));
  keyed(list, shards, (shard) => shard.id, create, (item, shard) => update(item, shard, totals, scale));
});

/** What each shard has, and should have, by goal, over all rings. */
function totalsOf(parts) {
  const totals = new Map();
  for (const part of parts) {
    const key = `${part.shard} ${part.goal}`;
    const total = totals.get(key) ?? { amount: 0, share: 0 };
    total.amount += part.amount;
    total.share += part.share;
    totals.set(key, total);
  }
  return totals;
}

function fullness(total) {
  return total.share > 0 ? total.amount / total.share : total.amount > 0 ? Infinity : 0;
}

function create(shard) {
  return el("li", { class: "shard" },
    el("div", { class: "shard-head" },
      el("span", { class: `swatch ${classOf(shard.id)}` }),
      el("h3", {}, shard.id),
      el("span", { class: "badge state" }),
      el("span", { class: "about" })),
    el("p", { class: "url" }),
    el("div", { class: "gauges" }));
}

function update(item, shard, totals, scale) {
  const state = item.querySelector(".state");
  say(state, words(shard.state));
  state.classList.toggle("warning", shard.state !== "ACTIVE");
  say(item.querySelector(".about"), [
    counted(shard.virtualNodes, "virtual node"), `weight ${count(shard.weight)}`,
    ...(shard.region === "default" ? [] : [shard.region]),
    ...(shard.replicas.length ? [counted(shard.replicas.length, "replica")] : []),
  ].join(" · "));
  say(item.querySelector(".url"), shard.url);
  const goals = Object.keys(GOALS).filter((goal) => totals.has(`${shard.id} ${goal}`));
  keyed(item.querySelector(".gauges"), goals, (goal) => goal, gauge, (element, goal) =>
    fill(element, shard, goal, totals.get(`${shard.id} ${goal}`), scale));
}

function gauge(goal) {
  return el("div", { class: "gauge" },
    el("span", { class: "goal" }, goal),
    el("div", { class: "track", role: "img" }, el("div", { class: "bar" }), el("div", { class: "line even" }), el("div", { class: "line alert-line" })),
    el("span", { class: "amount" }),
    el("span", { class: "times" }));
}

function fill(element, shard, goal, total, scale) {
  const full = fullness(total);
  const track = element.querySelector(".track");
  track.style.setProperty("--bar", `${Math.min(100, (full / scale) * 100)}%`);
  track.style.setProperty("--even", `${100 / scale}%`);
  track.style.setProperty("--alert", `${(ALERT * 100) / scale}%`);
  const amount = GOALS[goal](Math.round(total.amount));
  const times = Number.isFinite(full) ? ratio(full) : "no share";
  track.setAttribute("aria-label", `${shard.id}, ${goal}: ${amount}, ${times} its share${full > ALERT ? ", above the alert line" : ""}`);
  element.classList.toggle("over", full > ALERT);
  const bar = element.querySelector(".bar");
  bar.className = `bar ${classOf(shard.id)}`;
  say(element.querySelector(".amount"), amount);
  say(element.querySelector(".times"), times);
}
