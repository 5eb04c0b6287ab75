// How often work is done.
import { setTimeout as sleep } from "node:timers/promises";

/** A function that does the work when it is first called, and after that gives what this has given. */
export function once(work) {
  let given;
  return () => {
    given ??= work();
    return given;
  };
}

/**
 * A function that does the work, never twice at a time, a moment after it is called: what calls it comes in swarms. Called
 * while the work is under way, it has that done once more afterwards, however often it was called.
 */
export function latest(work, momentMs = 100) {
  let running = false;
  let again = false;
  return async () => {
    again = true;
    if (running) return;
    running = true;
    try {
      while (again) {
        await sleep(momentMs);
        again = false;
        await work();
      }
    } finally {
      running = false;
    }
  };
}
