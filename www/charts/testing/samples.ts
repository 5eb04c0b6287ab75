// Tiny figures of every kind, for tests.

import type { Axis, Column, Figure } from "../frame/frame.ts";

export function axis(name: string, labels: readonly (string | number)[]): Axis {
  return { name, labels: labels.map(String) };
}

export function column(name: string, values: (number | null)[], unit = ""): Column {
  return { name, unit, values };
}

export function figure(
  chart: Figure["chart"],
  axes: Axis[],
  columns: Column[],
  groups: Figure["groups"] = [],
): Figure {
  return {
    name: chart,
    title: `The ${chart}`,
    caption: "How to read it.",
    chart,
    frame: { axes, columns },
    groups,
  };
}

const conditions = axis("condition", ["clean", "patched at END only"]);
const prompts = axis("prompt", [1, 2, 3]);
const tokens = ["0 When", "1 Mary", "2 to"];
const parts = ["bias", "MLP_0", "0.0", "0.1", "b_O_0"];
const square = (values: number) => Array.from({ length: values }, (_, i) => (i % 2 ? -i : i) / 10);

/** One of each kind; each that may have them has values of both signs. */
export const SAMPLES: Figure[] = [
  figure(
    "dots",
    [conditions],
    [
      column("score", [3, -1], "attention score"),
      column("score_low", [2.5, -1.5], "attention score"),
      column("score_high", [3.5, -0.5], "attention score"),
      column("percent", [null, -133.3], "%"),
    ],
  ),
  figure("bars", [axis("head", ["9.6", "10.7"])], [column("recovered", [0.4, -0.2])]),
  figure(
    "heat_map",
    [axis("layer", [0, 1]), axis("head", [0, 1, 2])],
    [column("logit_diff", [0, 0.5, -1, null, 0.01, 0.25], "logits")],
  ),
  figure("scatter", [conditions, prompts], [column("score", [1, 2, 3, 3, -2, 1])]),
  figure(
    "histogram",
    [conditions, prompts],
    [column("score", [1, 2, 3, 3, -2, 1])],
    [{ name: "order", labels: ["ABBA", "BABA"], of: [0, 1, 0] }],
  ),
  figure(
    "components",
    [axis("part", ["along", "perpendicular"]), axis("component", parts)],
    [column("contribution", square(10), "score")],
  ),
  figure(
    "pairs",
    [axis("part", ["q∥ k∥"]), axis("query", parts), axis("key", parts)],
    [column("contribution", square(25), "score")],
  ),
  figure(
    "circuit",
    [
      axis("receiver", ["1.0.q@END", "1.0.v@END", "logits"]),
      axis("sender", ["0.1@S2", "0.0@END", "1.0@END"]),
    ],
    [
      column("path_effect", [null, 0.5, null, -0.25, 0.1, null, null, 0.01, 2], "logits"),
      column("path_effect_low", [null, 0.4, null, -0.3, -0.1, null, null, -0.1, 1.5], "logits"),
      column("path_effect_high", [null, 0.6, null, -0.2, 0.3, null, null, 0.1, 2.5], "logits"),
    ],
    [
      { name: "role", labels: ["S2", "END"], of: [0, 1, 1] },
      { name: "class", labels: ["duplicate token", "name mover"], of: [0, 1, 1] },
    ],
  ),
  figure(
    "attention",
    [conditions, axis("query", tokens), axis("key", tokens)],
    [
      column("score", [1, null, null, -2, 3, null, 1, 2, -3, 0, null, null, 1, 1, null, 2, 2, 2]),
      column("pattern", [
        1,
        null,
        null,
        0.2,
        0.8,
        null,
        0.1,
        0.7,
        0.2,
        1,
        null,
        null,
        0.5,
        0.5,
        null,
        0.3,
        0.3,
        0.4,
      ]),
    ],
    [{ name: "role", labels: ["", "IO", "END"], of: [0, 1, 2] }],
  ),
  figure(
    "patterns",
    [axis("layer", [0, 1]), axis("head", [0, 1]), axis("query", tokens), axis("key", tokens)],
    [
      column(
        "pattern",
        [0, 0.25, 0.5, 0.75].flatMap((x) => [
          1,
          null,
          null,
          x,
          1 - x,
          null,
          0.25 - x / 4,
          x,
          0.75 - 0.75 * x,
        ]),
        "attention",
      ),
    ],
    [{ name: "role", labels: ["", "IO", "END"], of: [0, 1, 2] }],
  ),
];

export function sample(chart: Figure["chart"]): Figure {
  const found = SAMPLES.find((figure) => figure.chart === chart);
  if (found === undefined) throw new Error(`there is no sample of ${chart}`);
  return found;
}
