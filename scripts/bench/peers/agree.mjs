// Whether a peer has done the same work: one that gives other figures is an error, and no figure of a table.
import { Failure } from "../../lib/run.mjs";

/** Logit differences of some 0.1 to 1, summed in float32 in another order, differ by 1e-6. */
export const TOLERANCE = 2e-5;

/** The largest difference of two lists of numbers; infinite where they are not as many, or something is no number. */
export function largestDifference(ours, theirs) {
  if (ours.length !== theirs.length || ours.length === 0) return Infinity;
  const differences = ours.map((value, i) => Math.abs(value - theirs[i]));
  return differences.every(Number.isFinite) ? Math.max(...differences) : Infinity;
}

/** Fails unless the difference is one of rounding. */
export function mustAgree(who, difference) {
  // Written so that what is no number fails too.
  if (!(difference <= TOLERANCE))
    throw new Failure(
      `${who} does not compute what Patchbay does: its figures differ by ${difference} (at most ${TOLERANCE})`,
    );
  return difference;
}

/** Fails where figures are so much alike that agreeing on them would say nothing. */
export function mustTell(what, figures) {
  const spread = Math.max(...figures) - Math.min(...figures);
  if (!(spread >= 10 * TOLERANCE))
    throw new Failure(`${what}: figures differ by ${spread} only, too little to tell other work by`);
}

/** What a program of `--script` says at its end, once a run: the largest difference of its figures from ours. */
export function printedDifference(text, runs) {
  const found = [...text.matchAll(/^largest difference (\S+)$/gm)].map(([, number]) => Number(number));
  return found.length === runs && found.every(Number.isFinite) ? Math.max(...found) : Infinity;
}
