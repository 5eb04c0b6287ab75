// The answer as the page shows it: a row for each figure, the notebook's three numbers in a sentence, and every grid as a map.

import type { Compared, Table, VerifyResult } from "../../../pkg/cpu/patchbay.js";
import type { Figure } from "../../charts/frame/frame.ts";
import { count, score, small } from "../../text/format.ts";

export function headline({ figures }: VerifyResult): string {
  const within = figures.filter((figure) => figure.within).length;
  return within === figures.length
    ? `All ${count(figures.length)} published figures agree with this page's.`
    : `${count(within)} of ${count(figures.length)} published figures agree with this page's.`;
}

/** How many numbers that are, and how near they have to be. */
export function about({ figures }: VerifyResult): string {
  const numbers = figures.reduce((sum, figure) => sum + figure.numbers, 0);
  const roughly = figures.filter(({ approximate }) => approximate).length;
  return `These are ${count(numbers)} numbers. ${count(roughly)} of the figures are of other prompts than the page's, so that they agree roughly; the others have to agree to the last digit that is published, but for what sums in float32 differ by.`;
}

const NOTEBOOK = "patching_positions";

/** Null where the file has none of it. */
export function notebook({ figures }: VerifyResult): string | null {
  const found = ["clean", "patched", "projected"].flatMap((name) => {
    const figure = figures.find((figure) => figure.name === `${NOTEBOOK}.${name}`);
    return figure === undefined ? [] : [figure];
  });
  const list = (of: "published" | "ours") =>
    found.map((it) => (typeof it[of] === "number" ? score(it[of]) : "none")).join(", ");
  return found.length === 0
    ? null
    : `The notebook that this project began with has ${list("published")} (clean, patched, projected); here they are ${list("ours")}.`;
}

export function tableOf({ figures }: VerifyResult): Table {
  return {
    name: "published",
    title: "Each figure, at the number that is furthest",
    header: ["figure", "published", "here", "difference", "at most", "agrees"],
    rows: figures.map(({ name, worst, difference, tolerance, within, problem, numbers }) => [
      `${wordsOf(name)}${worst?.at ? ` (${worst.at}, of ${count(numbers)})` : ""}`,
      worst === null ? "–" : score(worst.published),
      worst === null ? "–" : score(worst.ours),
      difference === null ? "–" : small(difference),
      small(tolerance),
      problem ?? (within ? "yes" : "no"),
    ]),
    caption:
      "At most: by how much the two may differ. Sums in float32 differ by up to 0.001 between devices.",
  };
}

/** "eight_prompts.denoising.layer_by_head.z" */
export function wordsOf(name: string): string {
  return name.replaceAll(".", ", ").replaceAll("_", " ");
}

/** Those that can be drawn as maps: grids of two axes. */
export function gridsOf({ figures }: VerifyResult): Compared[] {
  return figures.filter(({ published, ours }) => isGrid(published) && isGrid(ours));
}

/** The crate has seen to it that all rows are as long. */
function isGrid(numbers: unknown): numbers is number[][] {
  return Array.isArray(numbers) && Array.isArray(numbers[0]) && typeof numbers[0][0] === "number";
}

/** Published, ours and their difference, side by side. */
export function mapOf({ name, published, ours }: Compared): Figure {
  const [theirs, own] = [published, ours] as [number[][], number[][]];
  const places = (length: number) => Array.from({ length }, (_, i) => String(i));
  const [one, other] = [theirs.flat(), own.flat()];
  const apart = other.map((value, i) => value - (one[i] ?? Number.NaN));
  return {
    name: "published",
    title: `Published, here, and the difference: ${wordsOf(name)}`,
    caption: "All three have one scale.",
    chart: "heat_map",
    frame: {
      axes: [
        { name: "of", labels: ["published", "here", "here minus published"] },
        { name: "layer", labels: places(theirs.length) },
        { name: name.includes("by_position") ? "position" : "head", labels: places(theirs[0]?.length ?? 0) },
      ],
      columns: [{ name: "value", unit: "", values: [...one, ...other, ...apart] }],
    },
    groups: [],
  };
}
