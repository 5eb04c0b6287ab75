import { describe, expect, it } from "vitest";
import { beside } from "./beside.ts";
import type { Column, Figure } from "./frame.ts";

const column = (name: string, values: (number | null)[], unit = "logits"): Column => ({ name, unit, values });

function figure(columns: Column[], labels = ["0", "1"]): Figure {
  const frame = { axes: [{ name: "layer", labels }], columns };
  return { name: "map", title: "", caption: "", chart: "heat_map", frame, groups: [] };
}

describe("two figures beside each other", () => {
  const one = figure([
    column("recovered", [1, 2], ""),
    column("change", [1, null]),
    column("change_low", [0, 0]),
  ]);

  it("are one of what is measured in both, with the difference", () => {
    const other = figure([column("lost", [3, 4], ""), column("change", [4, 5])]);
    expect(beside(one, other, ["run 1", "run 2"])?.frame).toEqual({
      axes: [
        { name: "run", labels: ["run 1", "run 2", "run 2 minus run 1"] },
        { name: "layer", labels: ["0", "1"] },
      ],
      columns: [column("change", [1, null, 4, 5, 3, null])],
    });
  });

  it("are none where places or what is measured differ", () => {
    const names = ["run 1", "run 2"] as const;
    expect(beside(one, figure([column("change", [1, 2, 3])], ["0", "1", "2"]), names)).toBeNull();
    expect(beside(one, figure([column("lost", [1, 2])]), names)).toBeNull();
    expect(beside(one, figure([column("change", [1, 2], "nats")]), names)).toBeNull();
  });
});
