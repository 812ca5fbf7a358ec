// The routers of the services, and how far each is behind.

import { el, onChange, table } from "./dom.js";
import { count, counted, number } from "./format.js";

const SHOWN = 50;
const body = document.getElementById("router-body");

/** Shows what /api/routers said. */
export const showRouters = onChange(({ epoch, routers }) => {
  if (routers.length === 0) {
    body.replaceChildren(el("p", { class: "empty" }, "No router is connected: no service uses the cluster just now."));
    return;
  }
  const sorted = [...routers].sort((a, b) => b.behind - a.behind || a.number - b.number);
  const late = sorted.filter((router) => router.behind > 0).length;
  body.replaceChildren(
    el("p", { class: "note" }, `${counted(routers.length, "router")}; `
      + (late === 0 ? `all are at epoch ${number(epoch)}.` : `${count(late)} behind epoch ${number(epoch)}.`)),
    table("Routers, the furthest behind first", [
      { title: "Router" }, { title: "Host" }, { title: "Process" }, { title: "Version" },
      { title: "Epoch", number: true }, { title: "Behind", number: true },
    ], sorted.slice(0, SHOWN).map((router) => [
      number(router.number), router.host, router.pid, router.version, number(router.epoch),
      router.behind > 0 ? el("strong", { class: "late" }, count(router.behind)) : "0",
    ])));
  if (sorted.length > SHOWN) {
    body.append(el("p", { class: "note" }, `And ${count(sorted.length - SHOWN)} more: shard-admin router list`));
  }
});
