// What a run has left out of one's own prompts, for the run bar, which may not cover the page: the first of them, each in a few
// words. The question Prompts says all of it.

import type { Read } from "../../pkg/cpu/patchbay.js";
import { beginning } from "./format.ts";

const TOLD = 3;

/** `what` a prompt is there: a "line" of text, or a "row" of pairs. */
export function leftOutText(left: Read["left_out"], what: "line" | "row"): string {
  const Row = what === "row" ? "Row" : "Line";
  const told = left.slice(0, TOLD).map(({ line, message }) => ({ line, message, short: beginning(message) }));
  const rows = told.map(
    ({ line, message, short }) => `${Row} ${line}: ${short}${short === message ? "." : ""}`,
  );
  const whose =
    left.length === 1
      ? `1 ${what} of your prompts was left out.`
      : `${left.length} ${what}s of your prompts were left out.`;
  const isWhole = told.every(({ message, short }) => short === message);
  const more =
    left.length > TOLD
      ? [`${left.length - TOLD} more; Prompts lists all.`]
      : isWhole
        ? []
        : ["Prompts says all of it."];
  return [whose, ...rows, ...more].join(" ");
}
