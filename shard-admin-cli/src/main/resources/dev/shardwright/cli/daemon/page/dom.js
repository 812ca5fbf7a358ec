// Builds and changes elements. Text goes in as text, never as markup.

/** An element; attributes that are null or false are left out. */
export function el(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same for SVG. */
export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "onclick") {
      element.addEventListener("click", value);
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(key, value === true ? "" : value);
    }
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Changes a text only where it differs, so that nobody hears it again. */
export function say(element, text) {
  const wanted = String(text);
  if (element.textContent !== wanted) {
    element.textContent = wanted;
  }
}

/** Shows an element's text, or hides the element if there is none. */
export function sayOrHide(element, text) {
  say(element, text ?? "");
  element.hidden = !text;
}

/**
 * Keeps one child for each item, in the items' order. A child that stays is changed, not made anew: focus and
 * scroll positions survive.
 */
export function keyed(container, items, keyOf, create, update) {
  const old = new Map([...container.children].map((child) => [child.dataset.key, child]));
  let next = container.firstElementChild;
  for (const item of items) {
    const key = String(keyOf(item));
    let child = old.get(key);
    if (child) {
      old.delete(key);
    } else {
      child = create(item);
      child.dataset.key = key;
    }
    update(child, item);
    if (child === next) {
      next = next.nextElementSibling;
    } else {
      container.insertBefore(child, next);
    }
  }
  old.forEach((child) => child.remove());
}

/** A table with a caption; rows are lists of texts, or of elements. Wide ones scroll by themselves. */
export function table(caption, columns, rows) {
  const head = el("tr", {}, ...columns.map((column) =>
    el("th", { scope: "col", class: column.number ? "number" : null }, column.title)));
  const body = rows.map((row) => el("tr", {}, ...row.map((cell, i) =>
    el(i === 0 ? "th" : "td", {
      scope: i === 0 ? "row" : null,
      class: columns[i].number ? "number" : null,
    }, cell))));
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    el("table", {}, el("caption", {}, caption), el("thead", {}, head), el("tbody", {}, ...body)));
}

/** Calls a function when what it is given has changed, and only then. */
export function onChange(act) {
  let last;
  return (...values) => {
    const now = JSON.stringify(values);
    if (now !== last) {
      last = now;
      act(...values);
    }
  };
}
