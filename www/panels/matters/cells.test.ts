import { beforeEach, expect, it } from "vitest";
import { schemas, texts } from "../../store/session.ts";
import { SCHEMAS } from "../../store/testing.ts";
import { cellAt, cellNamed, cellOf, heading, nameOf, placesIn, promptsFigure } from "./cells.ts";
import { type AxisName, answered, reportOf } from "./testing.ts";

beforeEach(() => {
  schemas.value = SCHEMAS;
  texts.value = {};
});

const HEADS: AxisName[] = ["layer", "head"];
const frameOf = (axes: readonly AxisName[]) => {
  const [map] = reportOf(axes).figures;
  if (map === undefined) throw new Error("a map");
  return map.frame;
};

it.each([
  [HEADS, { layer: 1, head: 0 }, "1.0", "Head 1.0"],
  [["layer", "role"], { layer: 0, role: 1 }, "layer 0, END", "Layer 0, END"],
  [["layer"], { layer: 1 }, "layer 1", "Layer 1"],
  [["role", "layer", "head"], { role: 1, layer: 1, head: 0 }, "1.0, END", "Head 1.0, END"],
] as const)("a cell of %s is called as the crate calls it", (axes, places, name, title) => {
  const frame = frameOf(axes);
  expect([nameOf(frame.axes, places), heading(frame, name)]).toEqual([name, title]);
  const cell = cellAt(frame, places);
  expect(cell).not.toBeNull();
  if (cell === null) return;
  expect(cellNamed(frame, name)).toEqual(cell);
  expect(cellOf(frame, `${cell.row} ${cell.column}`)).toEqual(cell);
  expect(places).toMatchObject(placesIn(frame, cell));
});

it.each([
  [["site", "layer", "role"], { site: 1, layer: 1, role: 0 }, "v of layer 1, IO"],
  [["site", "layer", "head"], { site: 0, layer: 1, head: 0 }, "z of 1.0"],
] as const)("of several sites, %s, it is named with its own", (axes, places, name) => {
  const frame = frameOf(axes);
  expect(nameOf(frame.axes, places)).toBe(name);
  expect(cellNamed(frame, name)).toEqual(cellAt(frame, places));
});

it("what is no cell is none", () => {
  const frame = frameOf(HEADS);
  expect([cellOf(frame, "2 0"), cellOf(frame, ""), cellOf(frame, "1"), cellNamed(frame, "9.9")]).toEqual([
    null,
    null,
    null,
    null,
  ]);
  expect(cellAt(frame, { layer: 0, role: 1 })).toBeNull();
});

it("a cell has every prompt's value beside the unedited run's", () => {
  const { result } = answered(HEADS).reply;
  const figure = promptsFigure(result, frameOf(HEADS), { row: 1, column: 0 });
  expect(figure?.title).toBe("Head 1.0, prompt by prompt");
  expect(figure?.frame.axes).toEqual([
    { name: "run", labels: ["corrupted run", "1.0 patched"] },
    { name: "prompt", labels: ["1", "2", "3"] },
  ]);
  expect(figure?.frame.columns[0]?.values).toEqual([-1, -2, -3, 1.2, 2.2, 3.2]);
});

it("of several maps it has a panel each", () => {
  const axes: AxisName[] = ["role", "layer", "head"];
  const { result } = answered(axes).reply;
  const figure = promptsFigure(result, frameOf(axes), { row: 0, column: 1 });
  expect(figure?.frame.axes[0]?.labels).toEqual(["corrupted run", "0.1, IO patched", "0.1, END patched"]);
  expect(figure?.frame.columns[0]?.values.slice(3)).toEqual([1.1, 2.1, 3.1, 1.5, 2.5, 3.5]);
});

it("without the prompts' values there is nothing to be drawn of them", () => {
  const { result } = answered(HEADS).reply;
  const { per_prompt: _, ...without } = result;
  expect(promptsFigure(without, frameOf(HEADS), { row: 0, column: 0 })).toBeNull();
});
