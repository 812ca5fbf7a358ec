// The ring as a picture, with the same as a table for those who do not see it.

import { band, merge, nodeAt, place, shares, spanOf } from "./arcs.js";
import { classOf, meet } from "./colours.js";
import { el, onChange, svg, table } from "./dom.js";
import { count, counted, number, words } from "./format.js";

const INNER = 74;
const OUTER = 108;
const MOVE_INNER = 112;
const MOVE_OUTER = 119;

const choice = document.getElementById("ring-choice");
const body = document.getElementById("ring-body");
let newest = { rings: [] };
let marked = null;
let tableOpen = false;

const nameOf = (ring) => (ring.region === "all" ? ring.keyspace : `${ring.keyspace}/${ring.region}`);

/** Shows what /api/ring said. */
export const showRing = onChange((answer) => {
  newest = answer;
  meet(answer.rings.flatMap((ring) => ring.virtualNodes.map((node) => node.shard)));
  const before = choice.value;
  const names = answer.rings.map(nameOf);
  choice.replaceChildren(...names.map((name) => el("option", { value: name }, name)));
  choice.value = names.includes(before) ? before : names[0] ?? "";
  choice.disabled = names.length < 2;
  choice.parentElement.hidden = names.length === 0;
  draw();
});

choice.addEventListener("change", draw);

function draw() {
  const ring = newest.rings.find((each) => nameOf(each) === choice.value);
  if (!ring) {
    body.replaceChildren(el("p", { class: "empty" },
      "There is no keyspace yet. ", el("code", {}, "shard-admin keyspace create"), " makes one."));
    return;
  }
  const placed = place(ring);
  const owners = shares(placed);
  // What has the focus in the legend is made anew: it gets the focus again.
  const focused = body.contains(document.activeElement) ? document.activeElement.dataset.shard : undefined;
  body.replaceChildren(
    el("div", { class: "ring" },
      picture(ring, placed, owners),
      el("div", { class: "legend" }, legend(owners), movesOf(ring))),
    details(ring, owners));
  mark(owners.some((owner) => owner.shard === marked) ? marked : null);
  if (focused) {
    body.querySelector(`[data-shard="${CSS.escape(focused)}"]`)?.focus();
  }
}

function picture(ring, placed, owners) {
  const even = ring.strategy !== "hash";
  const title = `Ring of ${nameOf(ring)}: ` + owners.map((owner) => `${owner.shard} owns ${percent(owner.share)}`).join(", ")
    + (ring.moves.length ? `; ${counted(ring.moves.length, "move")} under way` : "");
  const arcs = merge(placed);
  const paths = owners.map((owner) => svg("path", {
    class: `arc ${classOf(owner.shard)}`,
    "data-owner": owner.shard,
    d: arcs.filter((arc) => arc.shard === owner.shard).map((arc) => band(arc.from, arc.to, INNER, OUTER)).join(""),
  }));
  const moving = ring.moves.flatMap((move) => {
    const spans = move.ranges.map((range) => spanOf(range, placed, even)).filter((span) => span !== null);
    return [
      svg("path", { class: "hatched", fill: "url(#hatch)", d: spans.map((s) => band(s.from, s.to, INNER, OUTER)).join("") }),
      svg("path", {
        class: `target ${classOf(move.to)}`,
        d: spans.map((s) => band(s.from, s.to, MOVE_INNER, MOVE_OUTER)).join(""),
      }),
    ];
  });
  const readout = svg("text", { class: "readout", y: "40" });
  const drawing = svg("svg", { viewBox: "-122 -122 244 244", role: "img", "aria-label": title },
    svg("defs", {}, svg("pattern", {
      id: "hatch", width: "5", height: "5", patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)",
    }, svg("rect", { class: "hatch-line", width: "1.8", height: "5" }))),
    // A thousand gaps would be all that is seen of a thousand arcs.
    svg("g", { class: arcs.length > 400 ? "arcs dense" : "arcs" }, ...paths),
    svg("g", {}, ...moving),
    svg("text", { class: "middle", y: "-12" }, nameOf(ring)),
    svg("text", { class: "under", y: "8" }, counted(placed.length, "virtual node")),
    svg("text", { class: "under", y: "24" }, `epoch ${number(newest.epoch)}`),
    readout);
  drawing.addEventListener("pointermove", (event) => {
    const box = drawing.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width - 0.5) * 244;
    const y = ((event.clientY - box.top) / box.height - 0.5) * 244;
    const radius = Math.hypot(x, y);
    const node = radius < INNER || radius > MOVE_OUTER
      ? null : nodeAt(placed, (Math.atan2(x, -y) / (2 * Math.PI) + 1) % 1);
    readout.textContent = node ? `${node.shard} · node ${node.index}` : "";
  });
  drawing.addEventListener("pointerleave", () => { readout.textContent = ""; });
  return drawing;
}

/** Each entry is a button that makes its shard's arcs stand out: with many shards colours alone do not tell. */
function legend(owners) {
  return el("ul", { class: "owners", "aria-label": "Owners" }, ...owners.map((owner) =>
    el("li", {}, el("button", {
      type: "button",
      class: "owner",
      "data-shard": owner.shard,
      "aria-pressed": "false",
      onclick: () => mark(marked === owner.shard ? null : owner.shard),
    },
    el("span", { class: `swatch ${classOf(owner.shard)}` }),
    el("span", { class: "name" }, owner.shard),
    el("span", { class: "share" }, percent(owner.share))))));
}

function mark(shard) {
  marked = shard;
  for (const arc of body.querySelectorAll("[data-owner]")) {
    arc.classList.toggle("dim", marked !== null && arc.dataset.owner !== marked);
  }
  for (const button of body.querySelectorAll("[data-shard]")) {
    button.setAttribute("aria-pressed", String(button.dataset.shard === marked));
  }
}

function movesOf(ring) {
  if (ring.moves.length === 0) {
    return el("p", { class: "note" }, "No range is moving.");
  }
  return el("ul", { class: "moving" }, ...ring.moves.map((move) => el("li", {},
    el("span", { class: "swatch hatch-swatch" }),
    el("span", {}, `${move.from} → ${move.to}: ${counted(move.ranges.length, "range")}, ${words(move.state)}`))));
}

function details(ring, owners) {
  const moving = new Map();
  ring.moves.forEach((move) => moving.set(move.from, (moving.get(move.from) ?? 0) + move.ranges.length));
  const pins = new Map();
  ring.pins.forEach((pin) => pins.set(pin.shard, (pins.get(pin.shard) ?? 0) + 1));
  const details = el("details", { open: tableOpen },
    el("summary", {}, "As a table"),
    ring.strategy === "hash" ? null : el("p", { class: "note" }, "Each range is drawn equally wide."),
    table(`Owners of ${nameOf(ring)}`, [
      { title: "Shard" }, { title: "Virtual nodes", number: true }, { title: "Of the circle", number: true },
      { title: "Moving away", number: true }, { title: "Pins", number: true },
    ], owners.map((owner) => [
      owner.shard, count(owner.nodes), percent(owner.share),
      count(moving.get(owner.shard) ?? 0), count(pins.get(owner.shard) ?? 0),
    ])),
    ring.pins.length === 0 ? null : table(`Pinned keys of ${nameOf(ring)}`, [{ title: "Key" }, { title: "Shard" }],
      ring.pins.slice(0, 20).map((pin) => [pin.key, pin.shard])),
    ring.pins.length <= 20 ? null
      : el("p", { class: "note" }, `And ${count(ring.pins.length - 20)} more: shard-admin keyspace show ${ring.keyspace}`));
  details.addEventListener("toggle", () => { tableOpen = details.open; });
  return details;
}

function percent(share) {
  return `${(share * 100).toFixed(1)} %`;
}
