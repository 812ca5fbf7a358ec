// Where tokens lie on the circle, and the paths that show them. Nothing here touches the page.

const TURN = 2n ** 64n;
const LOWEST = -(2n ** 63n);

/** How far around the circle a token's place begins, from 0 to 1. */
function fraction(token) {
  return Number((BigInt(token) - LOWEST) * 1_000_000_000n / TURN) / 1e9;
}

/**
 * The virtual nodes with where each begins and ends on the circle. Hash tokens are spread evenly, so a node is as wide as its tokens; keys of
 * other strategies are not, so there each node is equally wide.
 */
export function place(ring) {
  const nodes = [...ring.virtualNodes].sort((a, b) => (BigInt(a.firstToken) < BigInt(b.firstToken) ? -1 : 1));
  const even = ring.strategy !== "hash";
  return nodes.map((node, i) => ({
    ...node,
    index: i,
    from: even ? i / nodes.length : fraction(node.firstToken),
    to: even ? (i + 1) / nodes.length : i + 1 < nodes.length ? fraction(nodes[i + 1].firstToken) : 1,
  }));
}

/** Neighbours of one owner as one arc. */
export function merge(placed) {
  const arcs = [];
  for (const node of placed) {
    const last = arcs.at(-1);
    if (last && last.shard === node.shard && last.to === node.from) {
      last.to = node.to;
      last.nodes++;
    } else {
      arcs.push({ shard: node.shard, from: node.from, to: node.to, nodes: 1 });
    }
  }
  return arcs;
}

/** The part of the circle of a moving range: within the virtual nodes that it lies in. */
export function spanOf(range, placed, even) {
  const first = BigInt(range.firstToken);
  const last = BigInt(range.lastToken);
  const inside = placed.filter((node) => BigInt(node.firstToken) <= last && BigInt(node.lastToken) >= first);
  if (inside.length === 0) {
    return null;
  }
  if (even) {
    return { from: inside[0].from, to: inside.at(-1).to };
  }
  const whole = last === BigInt(inside.at(-1).lastToken);
  return { from: fraction(range.firstToken), to: whole ? inside.at(-1).to : fraction(range.lastToken) };
}

/** The share of the circle that each owner has, and its virtual nodes. */
export function shares(placed) {
  const owners = new Map();
  for (const node of placed) {
    const owner = owners.get(node.shard) ?? { shard: node.shard, nodes: 0, share: 0 };
    owner.nodes++;
    owner.share += node.to - node.from;
    owners.set(node.shard, owner);
  }
  return [...owners.values()].sort((a, b) => a.shard.localeCompare(b.shard, "en", { numeric: true }));
}

/** A band of the circle as a path, clockwise from the top. */
export function band(from, to, inner, outer) {
  const whole = to - from > 0.999999;
  const end = whole ? from + 0.5 : to;
  const far = end - from > 0.5 ? 1 : 0;
  const path = `M${at(from, outer)}A${outer} ${outer} 0 ${far} 1 ${at(end, outer)}`
    + `L${at(end, inner)}A${inner} ${inner} 0 ${far} 0 ${at(from, inner)}Z`;
  return whole ? path + band(end, to, inner, outer) : path;
}

function at(part, radius) {
  const angle = part * 2 * Math.PI;
  return `${(radius * Math.sin(angle)).toFixed(3)} ${(-radius * Math.cos(angle)).toFixed(3)}`;
}

/** The virtual node at a place of the circle. */
export function nodeAt(placed, part) {
  let low = 0;
  let high = placed.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (placed[middle].from <= part) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return placed[low];
}
