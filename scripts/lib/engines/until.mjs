// Waiting for what a browser or its driver comes to by itself.
import { setTimeout as pause } from "node:timers/promises";

/** Of a machine that is slow and has other work. */
const LONGEST_MS = 120_000;
const BETWEEN_MS = 50;

/** Tries until that gives something, and answers with it; a try may fail. `what` is said where nothing came of it. */
export async function until(what, attempt) {
  const end = performance.now() + LONGEST_MS;
  let why = "";
  while (performance.now() < end) {
    try {
      const found = await attempt();
      if (found) return found;
      why = "";
    } catch (error) {
      why = `: ${error.message.split("\n")[0]}`;
    }
    await pause(BETWEEN_MS);
  }
  throw new Error(`waited ${LONGEST_MS / 1000} s for ${what}${why}`);
}
