// Asks again and again: one round at a time, further apart while there are errors.

const EVERY_MILLIS = 2_000;
const LONGEST_MILLIS = 30_000;

export class Poller {
  #round;
  #waiting = null;
  #running = false;
  #again = false;
  #failures = 0;

  /** @param round one round: a promise that is kept if it went well */
  constructor(round) {
    this.#round = round;
    window.addEventListener("online", () => this.now());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) {
        this.now();
      }
    });
  }

  /** Asks at once, or right after the round that is under way. */
  now() {
    if (this.#running) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#waiting);
    this.#run();
  }

  async #run() {
    this.#running = true;
    this.#again = false;
    const well = await this.#round();
    this.#running = false;
    this.#failures = well ? 0 : this.#failures + 1;
    if (this.#again) {
      this.now();
      return;
    }
    // A page that nobody sees asks rarely; it asks at once when it is looked at again.
    const wait = document.hidden ? LONGEST_MILLIS : this.wait();
    this.#waiting = setTimeout(() => this.#run(), wait);
  }

  /** Until the next round. */
  wait() {
    return Math.min(LONGEST_MILLIS, EVERY_MILLIS * 2 ** Math.min(this.#failures, 10));
  }
}
