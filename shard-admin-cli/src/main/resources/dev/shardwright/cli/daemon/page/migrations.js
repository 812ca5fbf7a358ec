// Migrations: how far each is, how long work waited, and what may be done about it.

import { change } from "./api.js";
import { confirm } from "./confirm.js";
import { el, keyed, say, sayOrHide } from "./dom.js";
import { bytes, count, counted, since, span, words } from "./format.js";
import { tell } from "./message.js";

const OVER_SHOWN = 8;

/** The stages as people see them, with the states of each. */
const STAGES = [
  ["prepare", ["PLANNED", "REGISTERING", "PREPARING", "INSTALLING"]],
  ["copy", ["COPYING"]],
  ["catch up", ["CATCHING_UP"]],
  ["verify", ["VERIFYING"]],
  ["cut over", ["CUTTING_OVER"]],
  ["can go back", ["IN_WINDOW"]],
  ["clean up", ["CLEANING_UP"]],
  ["done", ["DONE"]],
];
const PART_COLOURS = 6;

/** What somebody asked for, other than to go on to the end. */
const WISHES = { PAUSE: "paused", ABORT: "to be given up", ROLL_BACK: "to be taken back" };

const ACTIONS = [
  {
    name: "pause", title: "Pause", offered: (m) => !isPaused(m) && isBefore(m, "CUTTING_OVER"),
    done: "is to rest",
  },
  {
    name: "resume", title: "Resume", offered: (m) => isPaused(m),
    done: "is to go on",
  },
  {
    name: "abort", title: "Abort…", offered: (m) => !m.rollingBack && isBefore(m, "IN_WINDOW"), danger: true,
    ask: (m) => ["Abort", `${m.source} keeps the ranges, and what was copied to ${m.target} is removed. Nothing has moved yet.`],
    done: "is to be given up",
  },
  {
    name: "rollback", title: "Roll back…", offered: (m) => m.state === "IN_WINDOW", danger: true,
    ask: (m) => ["Roll back", `The ranges go back to ${m.source}, with all that was written since.`],
    done: "is to be taken back",
  },
];

const root = document.getElementById("migration-list");
const under = el("div", { class: "cards" });
const over = el("div", { class: "cards" });
const none = el("p", { class: "empty" });
const overTitle = el("h3", { class: "sub" }, "Over");
const more = el("p", { class: "note" });
root.append(none, under, overTitle, over, more);

let afterChange = () => {};

/** Has a function called once something was asked for. */
export function onChanged(act) {
  afterChange = act;
}

/** Shows what /api/migrations said; the buttons only to whom may use them. */
export function showMigrations({ migrations }, authorized) {
  const open = migrations.filter((m) => m.outcome === "UNDER_WAY");
  const closed = migrations.filter((m) => m.outcome !== "UNDER_WAY").sort((a, b) => b.number - a.number);
  sayOrHide(none, open.length ? "" : closed.length ? "None is under way." : "There is none.");
  overTitle.hidden = closed.length === 0;
  sayOrHide(more, closed.length > OVER_SHOWN ? `And ${count(closed.length - OVER_SHOWN)} more: shard-admin migration list` : "");
  keyed(under, open, (m) => m.number, create, (card, m) => update(card, m, authorized));
  keyed(over, closed.slice(0, OVER_SHOWN), (m) => m.number, create, (card, m) => update(card, m, false));
}

function isPaused(migration) {
  return migration.desired === "PAUSE";
}

function isBefore(migration, state) {
  const stage = (name) => STAGES.findIndex(([, states]) => states.includes(name));
  const now = stage(migration.state);
  return now >= 0 && now < stage(state);
}

function create(migration) {
  const title = `migration-${migration.number}`;
  const bar = `progress-${migration.number}`;
  return el("article", { class: "card", "aria-labelledby": title },
    el("div", { class: "card-head" },
      el("h3", { id: title }),
      el("span", { class: "badge state" }),
      el("span", { class: "badge warning wish" })),
    el("ol", { class: "stages" }, ...STAGES.map(([name]) => el("li", {}, el("span", {}, name)))),
    el("div", { class: "copied" },
      el("label", { for: bar }, "Copied"),
      el("progress", { id: bar, max: "100" }),
      el("span", { class: "percent" })),
    el("p", { class: "figures" }),
    el("p", { class: "trouble" }),
    el("p", { class: "reason" }),
    el("div", { class: "pause" },
      el("p", { class: "pause-total" }),
      el("div", { class: "parts", "aria-hidden": "true" }),
      el("ul", { class: "part-names" })),
    el("div", { class: "actions" }));
}

function end(migration) {
  return migration.state === "ABORTED" ? "given up" : migration.rollingBack ? "taken back" : "done";
}

/** From where the ranges go to where. */
function way({ source, target, rollingBack }) {
  return rollingBack ? `${target} → ${source}, back` : `${source} → ${target}`;
}

function ringOf(migration) {
  return migration.region === "all" ? migration.keyspace : `${migration.keyspace}/${migration.region}`;
}

function update(card, migration, authorized) {
  const isOver = migration.outcome !== "UNDER_WAY";
  card.classList.toggle("over", isOver);
  say(card.querySelector("h3"), `${migration.number}: ${ringOf(migration)}, ${way(migration)}`);
  const state = card.querySelector(".state");
  say(state, isOver ? end(migration) : words(migration.state));
  state.classList.toggle("good", migration.outcome === "MOVED");
  state.classList.toggle("warning", migration.outcome === "TAKEN_BACK" || migration.state === "ABORTING");
  sayOrHide(card.querySelector(".wish"), isOver ? "" : WISHES[migration.desired]);
  stages(card.querySelector(".stages"), migration, isOver);
  copied(card, migration, isOver);
  say(card.querySelector(".figures"), figures(migration, isOver));
  sayOrHide(card.querySelector(".trouble"), migration.note);
  sayOrHide(card.querySelector(".reason"), isOver ? "" : migration.reason);
  pause(card, migration);
  keyed(card.querySelector(".actions"), authorized ? ACTIONS.filter((action) => action.offered(migration)) : [],
    (action) => action.name, (action) => button(action, migration), () => {});
}

function stages(list, migration, isOver) {
  const now = STAGES.findIndex(([, states]) => states.includes(migration.state));
  list.hidden = isOver || now < 0;
  [...list.children].forEach((item, i) => {
    item.classList.toggle("past", i < now);
    if (i === now) {
      item.setAttribute("aria-current", "step");
    } else {
      item.removeAttribute("aria-current");
    }
  });
}

function copied(card, migration, isOver) {
  const row = card.querySelector(".copied");
  row.hidden = isOver;
  const bar = row.querySelector("progress");
  const beyond = !isBefore(migration, "CATCHING_UP") && migration.state !== "ABORTING";
  if (beyond || migration.estimatedRows > 0) {
    // The number of rows was estimated: it is whole when the state says so, not before.
    const part = beyond ? 100 : Math.min(99, (migration.rows / migration.estimatedRows) * 100);
    bar.value = part;
    say(row.querySelector(".percent"), `${Math.floor(part)} %`);
  } else {
    bar.removeAttribute("value");
    say(row.querySelector(".percent"), "");
  }
}

function figures(migration, isOver) {
  const parts = [counted(migration.ranges, "range")];
  parts.push(isOver || !migration.estimatedRows ? counted(migration.rows, "row")
    : `${count(migration.rows)} of about ${counted(migration.estimatedRows, "row")}`);
  parts.push(bytes(migration.bytes));
  if (!isOver && migration.state === "COPYING" && !isPaused(migration)) {
    parts.push(`${bytes(migration.bytesPerSecond)}/s`);
    if (migration.timeLeft !== null) {
      parts.push(`${span(migration.timeLeft)} left`);
    }
  }
  if (!isOver && migration.keyLog > 0) {
    parts.push(`${counted(migration.keyLog, "write")} to copy again`);
  }
  if (migration.attempts > 0) {
    parts.push(counted(migration.attempts, "attempt"));
  }
  if (migration.since) {
    parts.push(isOver ? `ended ${since(migration.since)} ago` : `in this state for ${since(migration.since)}`);
  }
  return parts.join(" · ");
}

function pause(card, migration) {
  const box = card.querySelector(".pause");
  const known = migration.pause !== null && migration.pause !== undefined;
  box.hidden = !known;
  if (!known) {
    return;
  }
  const parts = migration.pauseParts ?? [];
  say(card.querySelector(".pause-total"), `Work on the ranges waited ${span(migration.pause)} while they changed hands`);
  const whole = parts.reduce((sum, part) => sum + part.time, 0) || 1;
  keyed(card.querySelector(".parts"), parts, (part) => part.part,
    () => el("span"),
    (segment, part) => {
      segment.className = `part-${parts.indexOf(part) % PART_COLOURS}`;
      segment.style.flexGrow = String(part.time / whole);
    });
  keyed(card.querySelector(".part-names"), parts, (part) => part.part,
    () => el("li", {}, el("span", { class: "swatch" }), el("span", { class: "text" })),
    (item, part) => {
      item.querySelector(".swatch").className = `swatch part-${parts.indexOf(part) % PART_COLOURS}`;
      say(item.querySelector(".text"), `${part.part} ${span(part.time)}`);
    });
}

function button(action, migration) {
  const element = el("button", {
    type: "button",
    class: action.danger ? "danger" : null,
    "aria-label": `${action.title.replace("…", "")} migration ${migration.number}`,
    onclick: () => act(action, migration, element),
  }, action.title);
  return element;
}

async function act(action, migration, element) {
  if (action.ask) {
    const [verb, text] = action.ask(migration);
    if (!(await confirm(`${verb} migration ${migration.number}?`, text, verb))) {
      return;
    }
  }
  element.disabled = true;
  try {
    await change(`api/migrations/${migration.number}/${action.name}`);
    tell(`Migration ${migration.number} ${action.done}.`);
  } catch (e) {
    tell(e.message, true);
  } finally {
    element.disabled = false;
    afterChange();
  }
}
