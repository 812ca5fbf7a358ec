// Numbers as people read them, in the words of the command line.

const COUNT = new Intl.NumberFormat("en-GB");

/** A whole number, as in 12,345. */
export function count(value) {
  return value === null || value === undefined ? "–" : COUNT.format(value);
}

/** A number by which something is called, as it is typed. */
export function number(value) {
  return value === null || value === undefined ? "–" : String(value);
}

/** As many of a thing. */
export function counted(value, one, many = one + "s") {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A ratio, as in 1.52×. */
export function ratio(value) {
  return value === null || value === undefined ? "–" : `${value.toFixed(2)}×`;
}

/** An amount of data, as in 318.9 MB. */
export function bytes(value) {
  if (value === null || value === undefined) {
    return "–";
  }
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let unit = 0;
  let amount = value;
  while (amount >= 999.95 && unit < units.length - 1) {
    amount /= 1000;
    unit++;
  }
  return `${unit === 0 ? amount : amount.toFixed(1)} ${units[unit]}`;
}

/** A span of time in its two largest units, from milliseconds. */
export function span(millis) {
  if (millis === null || millis === undefined) {
    return "–";
  }
  const seconds = Math.floor(millis / 1000);
  if (seconds < 1) {
    return `${millis.toFixed(1)} ms`;
  }
  return seconds < 10 ? `${(Math.floor(millis / 100) / 10).toFixed(1)} s` : whole(seconds);
}

function whole(seconds) {
  if (seconds < 60) {
    return `${seconds} s`;
  }
  if (seconds < 3600) {
    return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  }
  return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds / 60) % 60} min`;
}

/** How long it is since then, by this machine's clock. */
export function since(instant) {
  return whole(Math.max(1, Math.floor((Date.now() - Date.parse(instant)) / 1000)));
}

/** A state's name as words: CUTTING_OVER is "cutting over". */
export function words(name) {
  return name.toLowerCase().replaceAll("_", " ");
}
