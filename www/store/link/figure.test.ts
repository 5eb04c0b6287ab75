import { expect, it } from "vitest";
import { axis, column, figure, SAMPLES } from "../../charts/testing/samples.ts";
import { apart, packFigure, readFigure, type StoredFigure } from "./figure.ts";
import { pack } from "./pack.ts";

const stored = (of = MAP): StoredFigure => ({ model: "ioi-mini", about: "150 prompts", figure: of });
const MAP = figure(
  "heat_map",
  [axis("layer", [0, 1]), axis("head", [0, 1])],
  [column("score", [1.234567, -2, null, 0.000123456], "logits")],
);

it("brings every kind of figure back, with numbers of four digits", async () => {
  const read = await readFigure(await packFigure(stored()));
  expect(read.figure.frame.columns[0]?.values).toEqual([1.235, -2, null, 0.0001235]);
  expect(read).toMatchObject({ model: "ioi-mini", about: "150 prompts", figure: { name: MAP.name } });
  for (const it of SAMPLES) {
    const { figure } = await readFigure(await packFigure(stored(it)));
    expect(apart(it, figure)).toBeLessThan(0.01);
    expect({ ...figure, frame: null }).toEqual({ ...it, frame: null });
  }
});

/** What anybody may write. */
const BAD: [what: string, change: (made: ReturnType<typeof plain>) => unknown][] = [
  ["text", () => "no object"],
  ["figure", (it) => ({ ...it, figure: [] })],
  ["chart", (it) => ({ ...it, figure: { ...it.figure, chart: "script" } })],
  ["model", (it) => ({ ...it, model: "a\u202eb" })],
  ["label", (it) => put(it, { axes: [{ name: "x", labels: [7] }] })],
  ["values", (it) => put(it, { columns: [{ name: "s", unit: "", values: [1] }] })],
  ["number", (it) => put(it, { columns: [{ name: "s", unit: "", values: [1, 2, 3, "4"] }] })],
  ["cells", (it) => put(it, { axes: [many(200), many(200)], columns: [] })],
  ["of", (it) => ({ ...it, figure: { ...it.figure, groups: [{ name: "g", labels: ["a"], of: [0, 1] }] } })],
];
const plain = () => structuredClone(stored());
const put = (it: StoredFigure, frame: object) => ({
  ...it,
  figure: { ...it.figure, frame: { ...it.figure.frame, ...frame } },
});
const many = (count: number) => ({ name: "x", labels: Array(count).fill("y") });

it.each(BAD)("refuses another %s, as a link that cannot be read", async (what, change) => {
  const packed = await pack(JSON.stringify(change(plain())));
  await expect(readFigure(packed)).rejects.toMatchObject({
    name: "BadLink",
    message: `The figure in this link cannot be read: unexpected ${what}.`,
  });
});

it("refuses what is damaged, and what unfolds without end", async () => {
  await expect(readFigure("!")).rejects.toMatchObject({ name: "BadLink" });
  await expect(readFigure(await pack("{"))).rejects.toMatchObject({ name: "BadLink" });
  await expect(readFigure(await pack(" ".repeat(300_000)))).rejects.toThrow(/at most 200000 bytes/);
});

it("says how far two figures of the same places are apart, and nothing of others", () => {
  const scores = (heads: string[], values: (number | null)[]) =>
    figure("heat_map", [axis("head", heads)], [column("score", values)]);
  const one = scores(["0", "1"], [1, -2]);
  expect(apart(one, one)).toBe(0);
  expect(apart(one, scores(["0", "1"], [1, -2.5]))).toBe(0.5);
  expect(apart(one, scores(["0", "1"], [1, null]))).toBeNull();
  expect(apart(one, scores(["0", "9"], [1, -2]))).toBeNull();
});
