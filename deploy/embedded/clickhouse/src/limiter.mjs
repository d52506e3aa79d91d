/** Lets a bounded number of tasks run at once and a bounded number wait, first come, first served. */

import { CODES, EndpointError } from './errors.mjs';

export class Limiter {
  #running = 0;
  #waiting = [];

  constructor(maxRunning, maxWaiting) {
    this.maxRunning = maxRunning;
    this.maxWaiting = maxWaiting;
  }

  get running() {
    return this.#running;
  }

  get full() {
    return this.#running >= this.maxRunning && this.#waiting.length >= this.maxWaiting;
  }

  /** Throws the error of a full queue. */
  refuseIfFull() {
    if (this.full) {
      throw new EndpointError(
        CODES.TOO_MANY_SIMULTANEOUS_QUERIES,
        `Too many simultaneous queries: ${this.#running} running, ${this.#waiting.length} waiting`,
      );
    }
  }

  /** Runs the task when its turn comes; `isWanted` is asked once more right before that. */
  async run(task, isWanted = () => true) {
    this.refuseIfFull();
    if (this.#running >= this.maxRunning) {
      await new Promise((resolve) => this.#waiting.push(resolve)); // the place is handed over
    } else {
      this.#running++;
    }
    try {
      return isWanted() ? await task() : undefined;
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
