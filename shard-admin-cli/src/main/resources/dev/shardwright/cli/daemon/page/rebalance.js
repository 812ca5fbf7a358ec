// Shows the plan of a rebalance, and starts it when that is wanted.

import { change, readLong } from "./api.js";
import { el, sayOrHide, say, table } from "./dom.js";
import { bytes, count, counted, ratio, span } from "./format.js";
import { tell } from "./message.js";

const opener = document.getElementById("rebalance");
const dialog = document.getElementById("plan-dialog");
const by = document.getElementById("plan-by");
const rollbackWindow = document.getElementById("plan-window");
const rate = document.getElementById("plan-rate");
const pause = document.getElementById("plan-pause");
const body = document.getElementById("plan-body");
const error = document.getElementById("plan-error");
const start = document.getElementById("plan-start");
let asked = 0;
let shown = "";
let afterChange = () => {};

/** Has a function called once moves were started. */
export function onStarted(act) {
  afterChange = act;
}

/** Offers it only to whom may do it. */
export function showRebalance(authorized) {
  opener.hidden = !authorized;
}

opener.addEventListener("click", () => {
  dialog.showModal();
  plan();
});
by.addEventListener("change", plan);
document.getElementById("plan-again").addEventListener("click", plan);
document.getElementById("plan-close").addEventListener("click", () => dialog.close());
start.addEventListener("click", carryOut); // no submit: Enter in a field starts nothing

async function plan() {
  const number = ++asked; // an older answer that comes late is not shown
  start.disabled = true;
  say(start, "Start");
  sayOrHide(error, "");
  body.setAttribute("aria-busy", "true");
  body.replaceChildren(el("p", { class: "empty" }, "Planning: shards are sampled…"));
  try {
    const answer = await readLong(`api/plan?by=${encodeURIComponent(by.value)}`);
    if (number === asked) {
      show(answer);
    }
  } catch (e) {
    if (number === asked) {
      body.replaceChildren();
      sayOrHide(error, e.message);
    }
  } finally {
    body.removeAttribute("aria-busy");
  }
}

function show(plan) {
  shown = plan.plan;
  const moves = plan.moves.length;
  body.replaceChildren(...[
    el("p", { class: "lead" }, moves === 0 ? "Nothing to move." :
      `${counted(moves, "move")}: about ${counted(plan.rows, "row")}, ${bytes(plan.bytes)}`
      + (plan.estimate ? `, ${span(plan.estimate)} at the rate assumed.` : ".")),
    plan.rings.length === 0 ? null : table("Skew before and after", [
      { title: "Ring" }, { title: "By" }, { title: "Before", number: true }, { title: "After", number: true },
    ], plan.rings.map((ring) => [ring.ring, ring.goal, ratio(ring.skewBefore), ratio(ring.skewAfter)])),
    moves === 0 ? null : table("Moves", [
      { title: "Ring" }, { title: "From" }, { title: "To" }, { title: "Ranges", number: true },
      { title: "Rows", number: true }, { title: "Size", number: true }, { title: "Why" },
    ], plan.moves.map((move) => [
      move.ring, move.source, move.target, count(move.ranges), count(move.rows), bytes(move.bytes),
      el("span", { class: "why" }, move.reason),
    ])),
    plan.unbalanced.length === 0 ? null : el("ul", { class: "findings" }, ...plan.unbalanced.map((line) => el("li", {}, line))),
    plan.findings.length === 0 ? null : el("ul", { class: "findings" }, ...plan.findings.map(finding)),
  ].filter((part) => part !== null));
  start.disabled = moves === 0 || plan.blocked;
  say(start, moves === 0 ? "Start" : `Start ${counted(moves, "move")}`);
  sayOrHide(error, plan.blocked ? "The plan cannot be carried out: do first what the findings say." : "");
}

function finding(found) {
  return el("li", {},
    el("span", { class: `badge ${found.severity === "blocking" ? "critical" : "warning"}` }, found.severity),
    el("div", {}, el("p", {}, found.what), el("p", { class: "remedy" }, found.remedy)));
}

async function carryOut() {
  start.disabled = true;
  sayOrHide(error, "");
  const wishes = { plan: shown }; // what was read, and no other
  if (rollbackWindow.value.trim() !== "") {
    wishes.rollbackWindow = rollbackWindow.value.trim();
  }
  if (rate.value.trim() !== "") {
    wishes.maxRate = rate.value.trim();
  }
  if (pause.value.trim() !== "") {
    wishes.maxPause = pause.value.trim();
  }
  try {
    const { migrations } = await change("api/rebalance", wishes);
    dialog.close();
    tell(migrations.length === 0 ? "Nothing to move any more."
      : `${migrations.length === 1 ? "Migration" : "Migrations"} ${migrations.join(", ")} started.`);
    afterChange();
  } catch (e) {
    sayOrHide(error, e.message);
    start.disabled = false;
  }
}
