import { describe, expect, it } from "vitest";
import { USUAL } from "../../text/options.ts";
import { axis, column, figure } from "../testing/samples.ts";
import { binned } from "./bins.ts";
import { endsOf, facetsOf, isChosen, measure, measures, percentOf, placesOf } from "./frame.ts";
import { layersOf } from "./layers.ts";
import { domainOf, formatter, roundStep, ticksOf } from "./numbers.ts";
import { seriesOf } from "./series.ts";

describe("a frame", () => {
  const names = ["score", "score_low", "score_high", "change", "change_low", "change_high", "percent"];
  const frame = { axes: [axis("condition", ["a"])], columns: names.map((name) => column(name, [1])) };

  it("has columns to draw, each with its interval, and a percent beside the first", () => {
    expect(measures(frame).map(({ name }) => name)).toEqual(["score", "change"]);
    expect(measure(frame, "gone").name).toBe("score");
    expect(endsOf(frame, measure(frame, "change"))?.low.name).toBe("change_low");
    expect(percentOf(frame, measure(frame))?.name).toBe("percent");
    expect(percentOf(frame, measure(frame, "change"))).toBeNull();
  });

  it("takes the only interval for the first column's", () => {
    const columns = ["mean", "ci_low", "ci_high", "other"].map((name) => column(name, [1]));
    expect(endsOf({ axes: [], columns }, columns[0] ?? column("", []))?.high.name).toBe("ci_high");
    expect(endsOf({ axes: [], columns }, columns[3] ?? column("", []))).toBeNull();
  });

  it("has facets of all axes but the last", () => {
    const axes = [axis("run", ["a", "b"]), axis("layer", [0, 1]), axis("head", [0, 1, 2])];
    expect(facetsOf({ axes, columns: [] }, 1)).toEqual([
      { name: "a, layer 0", from: 0 },
      { name: "a, layer 1", from: 3 },
      { name: "b, layer 0", from: 6 },
      { name: "b, layer 1", from: 9 },
    ]);
    expect(facetsOf({ axes: axes.slice(1), columns: [] }, 2)).toEqual([{ name: "", from: 0 }]);
  });

  it("knows what is chosen by the axes that a place is of", () => {
    expect(placesOf("component", ["MLP_0", "9.6"], 0)).toEqual({ component: 0 });
    expect(placesOf("component", ["MLP_0", "9.6"], 1)).toEqual({ layer: 9, head: 6 });
    expect(isChosen({ layer: 9, head: 6 }, { prompt: 2, layer: 9, head: 6 })).toBe(true);
    expect(isChosen({ layer: 9, head: 6 }, { layer: 9 })).toBe(false);
    expect(isChosen({}, { layer: 9 })).toBe(false);
  });
});

describe("bins", () => {
  it("hold every value once, the same bins for all series", () => {
    const values = Array.from({ length: 200 }, (_, i) => Math.sin(i * 7) * 3);
    const { edges, series } = binned([
      { name: "a", values: values.slice(0, 67) },
      { name: "b", values: values.slice(67) },
    ]);
    expect(series.map(({ name, count }) => [name, count])).toEqual([
      ["a", 67],
      ["b", 133],
    ]);
    for (const { counts, count } of series) {
      expect(counts).toHaveLength(edges.length - 1);
      expect(counts.reduce((a, b) => a + b)).toBe(count);
    }
  });

  it("have the largest value in the last one, also on an edge", () => {
    const { edges, series } = binned([{ name: "", values: [0, 1, 2] }], 2);
    expect(edges).toEqual([0, 1, 2, 3]);
    expect(series[0]?.counts).toEqual([1, 1, 1]);
  });

  it.each([[[2.5]], [[0, 0]], [[-3, -3]], [[1e30, 2e30]], [[1e-30, -1e-30]], [[5, 5 + 1e-15]]])(
    "are there for %j",
    (values) => {
      const { edges, series } = binned([{ name: "", values }]);
      expect(edges.length).toBeLessThan(70);
      expect(series[0]?.counts.reduce((a, b) => a + b)).toBe(values.length);
    },
  );

  it("are none of a series without values", () => {
    const { frame } = figure(
      "histogram",
      [axis("run", ["a", "b"]), axis("prompt", [1])],
      [column("x", [1, null])],
    );
    const made = { ...figure("histogram", [], []), frame };
    expect(seriesOf(made, USUAL, measure(frame)).map(({ name }) => name)).toEqual(["a"]);
  });
});

describe("numbers", () => {
  it.each([
    [0.48, [-0.4801, 0.0049], ["-0.48", "0.00"]],
    [12.3, [12.34, -0.04], ["12.3", "0.0"]],
    [0.05, [0.0312], ["0.031"]],
    [1e-5, [1.2e-5, 0], ["1.2e-5", "0"]],
    [2e6, [1e6], ["1e6"]],
    [0, [0], ["0"]],
  ])("of a scale to %s have its decimals", (limit, values, texts) => {
    expect(values.map(formatter(limit))).toEqual(texts);
  });

  it("of ticks have the decimals of their distance", () => {
    const { ticks, format } = ticksOf([-0.31, 0.74], 5);
    expect(ticks.map(format)).toEqual(["-0.2", "0.0", "0.2", "0.4", "0.6"]);
    // One alone says nothing of the scale.
    expect(ticksOf([-4.6, 4.6], 2).ticks).toEqual([-4, -2, 0, 2, 4]);
  });

  it("have a domain, also where they are one number or none", () => {
    for (const values of [[3], [0, 0], [], [null, Number.NaN]]) {
      const [low, high] = domainOf(values);
      expect(low).toBeLessThan(high);
    }
    expect(domainOf([-1, 24])).toEqual([-2, 25]);
  });

  it("are rounded to 1, 2 or 5 times a power of ten", () => {
    expect([1.2, 1.5, 3, 4, 0.07, 80].map(roundStep)).toEqual([1, 2, 2, 5, 0.05, 100]);
  });
});

it("components are laid out by layers, whatever their order", () => {
  expect(layersOf(["bias", "MLP_1", "0.0", "0.1", "1.1", "b_O_0", "W_pos"])).toEqual({
    loose: ["bias", "W_pos"],
    layers: [0, 1],
    heads: 2,
    kinds: ["MLP", "b_O"],
    places: [
      { row: 0, column: 0 },
      { row: 2, column: 2 },
      { row: 1, column: 0 },
      { row: 1, column: 1 },
      { row: 2, column: 1 },
      { row: 1, column: 3 },
      { row: 0, column: 1 },
    ],
  });
});
