// Asks the daemon for the figures and hands them to the panels.

import { askForToken, onToken, showAccess } from "./access.js";
import { showAlerts } from "./alerts.js";
import { ApiError, health, read } from "./api.js";
import { fresh, showHeader, stale } from "./header.js";
import { onChanged, showMigrations } from "./migrations.js";
import { Poller } from "./poll.js";
import { onStarted, showRebalance } from "./rebalance.js";
import { showRing } from "./ring.js";
import { showRouters } from "./routers.js";
import { showShards } from "./shards.js";
import { showHistory, showSkew } from "./skew.js";

let ringOf = null;
let historyOf = null;

/** One round: all figures, or none and the reason. */
async function round() {
  let well = null;
  try {
    well = await health();
    const session = await read("api/session");
    showAccess(session);
    showRebalance(session.authorized);
    const [status, skew, migrations, routers, alerts] = await Promise.all(
      ["status", "skew", "migrations", "routers", "alerts"].map((name) => read(`api/${name}`)));
    showHeader(status, well);
    showAlerts(alerts);
    showShards(status, skew);
    showSkew(skew);
    showMigrations(migrations, session.authorized);
    showRouters(routers);
    // The ring is long too, and between epochs only the states of moves change.
    if (ringOf !== status.epoch || status.moves.length > 0) {
      showRing(await read("api/ring"));
      ringOf = status.epoch;
    }
    // The history is long, and grows only with a sample.
    if (historyOf === null || historyOf !== skew.measuredAt) {
      showHistory(await read("api/skew/history"));
      historyOf = skew.measuredAt;
    }
    fresh();
    return true;
  } catch (e) {
    if (!(e instanceof ApiError)) {
      console.error(e);
    }
    ringOf = null; // whoever answers next may be of another cluster
    showRebalance(false);
    stale(e instanceof ApiError ? e.message : `This page cannot show the answer (${e.message})`, well);
    if (e.status === 401) {
      askForToken();
    }
    return false;
  }
}

const poller = new Poller(round);
onToken(() => poller.now());
onChanged(() => poller.now());
onStarted(() => poller.now());
poller.now();
