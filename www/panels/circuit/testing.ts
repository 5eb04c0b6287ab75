// For tests: answers of paths and of a circuit in a model of two layers and two heads.

import type { CircuitResult, Figure, PathResult, Report } from "../../../pkg/cpu/patchbay.js";
import type { Answer } from "../../store/tasks/task.ts";
import { runOf } from "../reproduce/testing.ts";
import { circuit, paths } from "./asked.ts";

const axis = (name: string, ...labels: string[]) => ({ name, labels });

function figure(
  name: string,
  chart: Figure["chart"],
  axes: Figure["frame"]["axes"],
  values: number[],
): Figure {
  const column = (ending: string, by: number) => ({
    name: `lost${ending}`,
    unit: "",
    values: values.map((value) => value + by),
  });
  const frame = { axes, columns: [column("", 0), column("_low", -0.1), column("_high", 0.1)] };
  return { name, title: name, caption: "", chart, frame, groups: [] };
}

function reportOf(answer: string, figures: Figure[]): Report {
  return { about: "", stem: "", answer, notes: [], tables: [], figures };
}

/** Shows one to what the page is set to. Of the largest, 0.0 is not sure. */
export function pathsAnswered(receivers: string[]): void {
  const run = runOf() as unknown as Answer<PathResult>;
  run.key = paths.wanted.value ?? "";
  run.reply.report = reportOf("Of 4 heads, two take more than 5% away.", [
    figure("map", "heat_map", [axis("layer", "0", "1"), axis("head", "0", "1")], [0.05, 0.3, 0.5, 0]),
    figure("largest", "bars", [axis("head", "1.0", "0.1", "0.0")], [0.5, 0.3, 0.05]),
  ]);
  run.reply.result = { spec: { receivers } } as PathResult;
  paths.show(run);
}

export function circuitAnswered(): void {
  const run = runOf() as unknown as Answer<CircuitResult>;
  run.key = circuit.wanted.value ?? "";
  run.reply.report = reportOf("These keep 80% of the logit difference.", [
    figure("runs", "bars", [axis("run", "whole model", "circuit", "no head kept")], [3, 2.4, 0.2]),
  ]);
  circuit.show(run);
}
