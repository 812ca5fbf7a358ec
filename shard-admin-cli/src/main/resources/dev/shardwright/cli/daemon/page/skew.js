// How uneven the rings were, over time, and which keys weigh most.

import uPlot from "./lib/uplot/uPlot.esm.js";
import { resolve } from "./colours.js";
import { el, onChange, table } from "./dom.js";
import { bytes, count, ratio } from "./format.js";

const ALERT = 2;
const HEIGHT = 240;
const SERIES_COLOURS = 8;

const choice = document.getElementById("skew-goal");
const body = document.getElementById("skew-body");
const chartBox = el("div", { class: "chart", role: "img" });
const figures = el("div");
let samples = [];
let chart = null;
let drawn = null;
let tableOpen = false;

/** Shows the newest sample of /api/skew. */
export const showSkew = onChange((skew) => {
  const details = el("details", { open: tableOpen }, el("summary", {}, "Newest figures, and the heaviest keys"),
    table("Skew of each ring", [
      { title: "Ring" }, { title: "By" }, { title: "Fullest shard", number: true }, { title: "Fullest virtual node", number: true },
    ], skew.rings.map((ring) => [ring.ring, ring.goal, ratio(ring.maxOverAverage), ratio(ring.virtualNodesMaxOverAverage)])),
    skew.largestKeys.length === 0 ? null : table("Heaviest keys", [
      { title: "Key" }, { title: "Ring" }, { title: "By" }, { title: "Rows", number: true }, { title: "Size", number: true },
      { title: "Load", number: true }, { title: "Weight" },
    ], skew.largestKeys.map((key) => [
      key.key, key.ring, key.goal, count(key.rows), bytes(key.bytes), count(key.load),
      key.tooHeavy ? el("strong", { class: "late" }, "too heavy") : key.pinned ? "pinned" : "fits",
    ])));
  details.addEventListener("toggle", () => { tableOpen = details.open; });
  figures.replaceChildren(...(skew.rings.length === 0 ? [] : [details]));
});

/** Shows the samples of /api/skew/history. */
export function showHistory(history) {
  samples = history.samples;
  const before = choice.value;
  const goals = [...new Set(samples.flatMap((sample) => sample.rings.map((ring) => ring.goal)))];
  choice.replaceChildren(...goals.map((goal) => el("option", { value: goal }, goal)));
  // Rows, where they are known, say more than tokens, which only a change of the topology moves.
  choice.value = goals.includes(before) ? before : goals.includes("rows") ? "rows" : goals[0] ?? "";
  choice.disabled = goals.length < 2;
  choice.parentElement.hidden = goals.length === 0;
  draw();
}

choice.addEventListener("change", draw);
document.addEventListener("themechange", () => {
  drawn = null;
  draw();
});
new ResizeObserver(() => {
  if (chart && chartBox.clientWidth > 0 && chart.width !== chartBox.clientWidth) {
    chart.setSize({ width: chartBox.clientWidth, height: HEIGHT });
  }
}).observe(chartBox);

function draw() {
  const goal = choice.value;
  const rings = [...new Set(samples.flatMap((sample) =>
    sample.rings.filter((ring) => ring.goal === goal).map((ring) => ring.ring)))].sort();
  if (rings.length === 0) {
    chart?.destroy();
    chart = null;
    drawn = null;
    body.replaceChildren(el("p", { class: "empty" }, "Nothing was measured yet."), figures);
    return;
  }
  const data = [samples.map((sample) => Date.parse(sample.at) / 1000), ...rings.map((ring) => samples.map((sample) =>
    sample.rings.find((each) => each.goal === goal && each.ring === ring)?.maxOverAverage ?? null))];
  if (!chartBox.isConnected) {
    body.replaceChildren(chartBox, figures);
  }
  chartBox.setAttribute("aria-label", describe(goal, rings, data));
  const kind = JSON.stringify([goal, rings]);
  if (chart && drawn === kind) {
    chart.setData(data);
    return;
  }
  chart?.destroy();
  chart = new uPlot(options(rings), data, chartBox);
  drawn = kind;
}

function options(rings) {
  const ink = resolve("--muted");
  const grid = { stroke: resolve("--hairline"), width: 1 };
  const alert = resolve("--bad");
  return {
    width: chartBox.clientWidth,
    height: HEIGHT,
    scales: {
      // A single sample stands in the middle of two minutes.
      x: { range: (self, low, high) => (samples.length < 2 ? [low - 60, low + 60] : [low, high]) },
      y: { range: (self, low, high) => [0.9, Math.max(2.3, (high ?? 1) * 1.08)] },
    },
    axes: [
      { stroke: ink, grid, ticks: grid, space: 70, values: (self, times) => times.map((time) => clock(time, times)) },
      { stroke: ink, grid, ticks: grid, size: 54, values: (self, values) => values.map((value) => `${+value.toFixed(2)}×`) },
    ],
    series: [
      { label: "Time", value: (self, time) => (time === null ? "–" : new Date(time * 1000).toLocaleString("en-GB")) },
      ...rings.map((ring, i) => ({
        label: ring,
        stroke: resolve(`--shard-${i % SERIES_COLOURS}`),
        width: 2,
        dash: i < SERIES_COLOURS ? [] : [6, 3],
        spanGaps: true,
        points: { show: samples.length < 40, size: 5 },
        value: (self, value) => ratio(value),
      })),
    ],
    hooks: { draw: [(self) => line(self, alert)] },
  };
}

/** The line above which there is an alert. */
function line(self, colour) {
  const y = self.valToPos(ALERT, "y", true);
  const context = self.ctx;
  context.save();
  context.strokeStyle = colour;
  context.lineWidth = 1.5 * devicePixelRatio;
  context.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  context.beginPath();
  context.moveTo(self.bbox.left, y);
  context.lineTo(self.bbox.left + self.bbox.width, y);
  context.stroke();
  context.restore();
}

function clock(time, times) {
  const long = times.at(-1) - times[0] > 86_400;
  const short = times.length > 1 && times[1] - times[0] < 60;
  return new Date(time * 1000).toLocaleString("en-GB", long
    ? { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }
    : { hour: "2-digit", minute: "2-digit", ...(short ? { second: "2-digit" } : {}) });
}

function describe(goal, rings, data) {
  const parts = rings.map((ring, i) => {
    const values = data[i + 1].filter((value) => value !== null);
    return `${ring} ${ratio(values.at(-1))} now, ${ratio(Math.max(...values))} at most`;
  });
  return `Skew by ${goal} over ${count(samples.length)} samples: ${parts.join("; ")}. The alert line is at 2×.`;
}
