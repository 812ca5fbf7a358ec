// A colour for each shard. The eight are told apart in both themes with the common kinds of colour blindness, too.

const COLOURS = 8;
const seen = new Map();

/** Gives colours to shards that have none yet; each keeps its own while the page is open. */
export function meet(shards) {
  [...shards]
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }))
    .forEach((shard) => seen.has(shard) || seen.set(shard, seen.size));
}

/** The class that colours what is of a shard; beyond eight shards the colours come again. */
export function classOf(shard) {
  meet([shard]);
  return `shard-${seen.get(shard) % COLOURS}`;
}

/** What a colour of the style sheet is just now, for a canvas. */
export function resolve(name) {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}
