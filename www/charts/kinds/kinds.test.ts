// @vitest-environment happy-dom
// Every kind of chart, of a tiny frame: what is where in it, and what is said of it.

import { describe, expect, it } from "vitest";
import { type Options, USUAL } from "../../text/options.ts";
import type { Drawing } from "../drawing/drawing.ts";
import type { Figure } from "../frame/frame.ts";
import { pictured, textsOf } from "../testing/pictured.ts";
import { axis, column, figure, SAMPLES, sample } from "../testing/samples.ts";
import { draw } from "./draw.tsx";

const WIDTH = 640;

function drawn(figure: Figure, options: Partial<Options> = {}, width = WIDTH) {
  const drawing = draw(figure, { ...USUAL, ...options }, width);
  const svg = pictured(drawing);
  const texts = textsOf(svg);
  return { drawing, svg, texts, words: texts.map(({ text }) => text) };
}

function board({ board }: Drawing) {
  if (board === null) throw new Error("expected something to point at");
  return board;
}

/** Every place is found again under the middle of its box. */
function expectFound(drawing: Drawing) {
  const { rows, columns, boxes, under, nearest } = board(drawing);
  for (let row = 0; row < rows; row += 1)
    for (let column = 0; column < columns; column += 1) {
      const place = nearest?.({ row, column }) ?? { row, column };
      for (const { left, top, width, height } of boxes(place))
        expect(under(left + width / 2, top + height / 2)).toEqual(place);
    }
}

describe("dots", () => {
  it("have a row for each label, with its value, its percent and its interval", () => {
    const { drawing, svg, words } = drawn(sample("dots"));
    expect(words).toEqual(
      expect.arrayContaining(["clean", "patched at END only", "3.00", "-1.00", "–", "-133.3%"]),
    );
    expect(words).toContain("score, attention score");
    expect(svg.querySelectorAll("circle")).toHaveLength(2);
    expect(board(drawing).say({ row: 1, column: 0 })).toBe(
      "patched at END only: -1 attention score, -133.3%, 95% interval -1.5 to -0.5",
    );
    expect(board(drawing).places({ row: 1, column: 0 })).toEqual({ condition: 1 });
    expectFound(drawing);
  });
});

describe("bars", () => {
  it("have the sign's colour, and a label such as 9.6 names a head", () => {
    const { drawing, svg } = drawn(sample("bars"));
    const fills = [...svg.querySelectorAll("rect")].map((bar) => bar.getAttribute("fill"));
    expect(fills).toEqual(["var(--plus)", "var(--minus)"]);
    expect(board(drawing).places({ row: 1, column: 0 })).toEqual({ layer: 10, head: 7 });
    expect(board(drawing).say({ row: 1, column: 0 })).toBe("head 10.7: -0.2");
  });

  it("have digits for what is small beside the others, and one colour where there is one sign", () => {
    const tokens = figure("bars", [axis("token", [" Mary", " a"])], [column("probability", [0.67, 0.001])]);
    const { svg, words } = drawn(tokens);
    expect(words).toEqual(expect.arrayContaining(["0.670", "0.001"]));
    const fills = new Set([...svg.querySelectorAll("rect")].map((bar) => bar.getAttribute("fill")));
    expect([...fills]).toEqual(["var(--figure-edited)"]);
  });
});

describe("rows of numbers", () => {
  it("have bars from 0, as long as their values", () => {
    const { svg } = drawn(sample("bars"));
    const number = (bar: Element | undefined, name: string) => Number(bar?.getAttribute(name));
    const [plus, minus] = svg.querySelectorAll("rect");
    // Numbers of some hundred pixels, in floating point.
    expect(number(plus, "width") / number(minus, "width")).toBeCloseTo(0.4 / 0.2, 9);
    expect(number(minus, "x") + number(minus, "width")).toBeCloseTo(number(plus, "x"), 9);
  });

  it("have bars of no length where all are 0", () => {
    const { svg, words } = drawn(figure("bars", [axis("head", ["9.6"])], [column("recovered", [0])]));
    expect(svg.querySelector("rect")?.getAttribute("width")).toBe("0");
    expect(words).toContain("0.0");
  });

  it("have a line from one end of each interval to the other", () => {
    const lines = [...drawn(sample("dots")).svg.querySelectorAll("path")].map(
      (it) => it.getAttribute("d") ?? "",
    );
    const ends = lines.flatMap((d) =>
      [...d.matchAll(/M([\d.]+) [\d.]+H([\d.]+)/g)].map(([, a, b]) => [+(a ?? 0), +(b ?? 0)]),
    );
    const [first, second] = drawn(sample("dots")).svg.querySelectorAll("circle");
    expect(ends).toHaveLength(2);
    // Half a pixel is the dot's own.
    for (const [i, dot] of [first, second].entries())
      expect(((ends[i]?.[0] ?? 0) + (ends[i]?.[1] ?? 0)) / 2).toBeCloseTo(
        Number(dot?.getAttribute("cx")) - 0.5,
        9,
      );
  });
});

describe("heat maps", () => {
  it("have numbers only where they say something, and a scale", () => {
    const { words } = drawn(sample("heat_map"));
    // Not 0, which is an empty box, nor 0.01, which is little beside 1.
    expect(words).toEqual(
      expect.arrayContaining(["0.50", "-1.00", "0.25", "1.00", "logit diff, logits", "layer", "head"]),
    );
    expect(words.filter((text) => /^-?0\.0/.test(text))).toEqual([]);
  });

  it("have no numbers where one of them does not fit", () => {
    const { words } = drawn(sample("heat_map"), {}, 120);
    expect(words).not.toContain("0.50");
  });

  it("say places by their axes and find them", () => {
    const { drawing } = drawn(sample("heat_map"));
    const { say, places } = board(drawing);
    expect(say({ row: 0, column: 2 })).toBe("layer 0, head 2: -1 logits");
    expect(say({ row: 1, column: 0 })).toBe("layer 1, head 0: no value");
    expect(places({ row: 1, column: 2 })).toEqual({ layer: 1, head: 2 });
    expectFound(drawing);
  });

  it("leave a number out whose interval spans 0", () => {
    const layers = [axis("layer", [0]), axis("head", [0, 1])];
    const columns = [column("x", [1, 0.8]), column("x_low", [0.5, -0.1]), column("x_high", [1.5, 2])];
    const { words } = drawn(figure("heat_map", layers, columns));
    expect(words).toContain("1.00");
    expect(words).not.toContain("0.80");
  });

  it("stand beside each other with one scale", () => {
    const axes = [axis("condition", ["a", "b"]), axis("layer", [0]), axis("head", [0])];
    const { drawing, texts } = drawn(figure("heat_map", axes, [column("x", [1, -2])]));
    const [a, b] = ["a", "b"].map((name) => texts.find(({ text }) => text === name)?.box);
    expect(a?.top).toBe(b?.top);
    expect(board(drawing).boxes({ row: 0, column: 0 })).toHaveLength(2);
    expect(board(drawing).say({ row: 0, column: 0 })).toBe("layer 0, head 0: a 1 · b -2");
  });
});

describe("scatter plots", () => {
  it("have a panel for each other label, a point for each prompt, and a diagonal", () => {
    const { drawing, svg, words } = drawn(sample("scatter"));
    expect(words).toEqual(expect.arrayContaining(["patched at END only", "clean"]));
    expect(
      [...svg.querySelectorAll("path")].filter((path) => /^M[\d,]+h0$/.test(path.getAttribute("d") ?? "")),
    ).toHaveLength(3);
    expect(svg.querySelector("[stroke-dasharray]")).not.toBeNull();
    expectFound(drawing);
  });

  it("are walked from the least to the most", () => {
    const points = figure(
      "scatter",
      [axis("condition", ["a", "b"]), axis("prompt", [1, 2, 3])],
      [column("score", [2, 1, 3, 0, 0, 0])],
    );
    const { say, places, columns } = board(drawn(points).drawing);
    expect(Array.from({ length: columns }, (_, column) => places({ row: 0, column }))).toEqual([
      { prompt: 1 },
      { prompt: 0 },
      { prompt: 2 },
    ]);
    expect(say({ row: 0, column: 0 })).toBe("prompt 2: a 1 · b 0");
  });

  it("have room for long numbers beside the column's name", () => {
    const axes = [axis("condition", ["a", "b"]), axis("prompt", [1, 2])];
    const { texts } = drawn(figure("scatter", axes, [column("score", [-12345, 23456, -12345, 23456])]));
    const name = texts.find(({ text, box }) => text === "score" && box.height > box.width)?.box;
    const numbers = texts.filter(({ text, box }) => /^-?\d{5}$/.test(text) && box.left < 50);
    expect(numbers.length).toBeGreaterThan(2);
    for (const { text, box } of numbers)
      expect(box.left, text).toBeGreaterThan((name?.left ?? 0) + (name?.width ?? 0));
  });
});

describe("scatter plots of many prompts", () => {
  it("are a few elements, however many points they have", () => {
    const places = Array.from({ length: 10_000 }, (_, i) => i);
    const values = [...places, ...places].map((i) => Math.sin(i));
    const axes = [axis("condition", ["a", "b"]), axis("prompt", places)];
    const { svg } = drawn(figure("scatter", axes, [column("score", values)]));
    expect(svg.querySelectorAll("*").length).toBeLessThan(60);
    const points = [...svg.querySelectorAll("path")].flatMap(
      (it) => it.getAttribute("d")?.match(/h0/g) ?? [],
    );
    expect(points).toHaveLength(places.length);
  });
});

describe("histograms", () => {
  it("have a bar for each bin that holds anything, as high as its count", () => {
    const values = figure(
      "histogram",
      [axis("run", ["a"]), axis("prompt", [1, 2, 3])],
      [column("x", [1, 1, 2])],
    );
    const { drawing, svg } = drawn(values);
    const bars = svg.querySelector('path[fill="var(--figure-edited)"]')?.getAttribute("d") ?? "";
    const heights = [...bars.matchAll(/M[\d.]+ ([\d.]+)V([\d.]+)H/g)].map(
      ([, from, to]) => Number(from) - Number(to),
    );
    expect(heights).toHaveLength(2);
    // A bar ends half a pixel lower, in the middle of the line at its count.
    expect((heights[0] ?? 0) + 0.5).toBeCloseTo(2 * ((heights[1] ?? 0) + 0.5), 9);
    expect(board(drawing).say({ row: 0, column: 0 })).toMatch(/: 2 of 3 prompts/);
  });

  it("have a row for each series, with its mean and how many it has", () => {
    const { drawing, words } = drawn(sample("histogram"));
    expect(words).toEqual(
      expect.arrayContaining(["clean", "patched at END only", "mean 2.00 n = 3", "mean 0.67 n = 3"]),
    );
    expect(board(drawing).rows).toBe(2);
    expectFound(drawing);
  });

  it("are split by groups, of one series or of all", () => {
    const one = drawn(sample("histogram"), { split: "order", series: "clean" });
    expect(one.words).toEqual(expect.arrayContaining(["ABBA", "BABA", "mean 2.00 n = 2", "mean 2.00 n = 1"]));
    const all = drawn(sample("histogram"), { split: "order" });
    expect(all.words).toEqual(expect.arrayContaining(["clean, ABBA", "patched at END only, BABA"]));
  });

  it("lie over each other, told apart by dashes too", () => {
    const { svg, words } = drawn(sample("histogram"), { layout: "overlaid" });
    expect(words).toContain("clean: mean 2.00, n = 3");
    const dashes = [...svg.querySelectorAll("path[stroke-dasharray]")].map((it) =>
      it.getAttribute("stroke-dasharray"),
    );
    expect(dashes).toContain("7 3");
  });
});

describe("components", () => {
  it("stand by layer: what is of none above, heads, then what is no head", () => {
    const { drawing, texts, words } = drawn(sample("components"));
    expect(words).toEqual(
      expect.arrayContaining(["along", "perpendicular", "bias", "L0", "0", "1", "MLP", "b_O"]),
    );
    const { rows, say, places, nearest, boxes } = board(drawing);
    expect(rows).toBe(2);
    expect(say({ row: 0, column: 0 })).toBe("bias: along 0 · perpendicular -0.5 (score)");
    expect(say({ row: 1, column: 2 })).toBe("MLP_0: along -0.1 · perpendicular 0.6 (score)");
    expect(places({ row: 1, column: 1 })).toEqual({ layer: 0, head: 1 });
    expect(places({ row: 1, column: 3 })).toEqual({ component: 4 });
    expect(nearest?.({ row: 0, column: 3 })).toEqual({ row: 0, column: 0 });
    const [head] = boxes({ row: 1, column: 0 });
    const name = texts.find(({ text }) => text === "L0")?.box;
    expect(name && name.left + name.width).toBeLessThanOrEqual(head?.left ?? 0);
    expectFound(drawing);
  });
});

describe("pairs", () => {
  it("are paths by strength, with names beside", () => {
    const { svg, words } = drawn(sample("pairs"));
    expect(words).toEqual(expect.arrayContaining(["q∥ k∥", "query ↓", "key →", "bias", "MLP_0", "0.1"]));
    const strongest = svg.querySelector('path[fill="var(--plus)"][fill-opacity="1"]');
    // The last of 25, in the last row and column of five.
    expect(strongest?.getAttribute("d")).toMatch(/^M56 56h14v14h-14z$/);
  });

  it("are beside each other in a file, however many components there are", () => {
    const parts = Array.from({ length: 150 }, (_, i) => `${Math.floor(i / 12)}.${i % 12}`);
    const values = column("contribution", Array(2 * 150 * 150).fill(1));
    const axes = [axis("part", ["one", "other"]), axis("query", parts), axis("key", parts)];
    const { texts } = drawn(figure("pairs", axes, [values]));
    const tops = texts.filter(({ text }) => ["one", "other"].includes(text)).map(({ box }) => box.top);
    expect(tops).toEqual([tops[0], tops[0]]);
  });

  it("are faint below the threshold", () => {
    const opacities = (options: Partial<Options>) =>
      [...drawn(sample("pairs"), options).svg.querySelectorAll("path[fill-opacity]")].map((it) =>
        Number(it.getAttribute("fill-opacity")),
      );
    expect(opacities({}).some((it) => it > 0.3 && it < 0.5)).toBe(true);
    expect(opacities({ threshold: "50" }).some((it) => it > 0.3 && it < 0.5)).toBe(false);
  });
});

describe("circuits", () => {
  it("have a node for each sender, layers upwards, and what reads at the end on top", () => {
    const { drawing, texts, words } = drawn(sample("circuit"));
    expect(words).toEqual(expect.arrayContaining(["logits", "1.0", "0.0", "0.1", "L1", "L0", "S2", "END"]));
    const top = (name: string) => texts.find(({ text }) => text === name)?.box.top ?? Number.NaN;
    expect(top("logits")).toBeLessThan(top("1.0"));
    expect(top("1.0")).toBeLessThan(top("0.1"));
    const { rows, places, nearest } = board(drawing);
    expect(rows).toBe(3);
    expect(places({ row: 0, column: 0 })).toBeNull();
    expect(places({ row: 1, column: 0 })).toEqual({ layer: 1, head: 0 });
    expect(nearest?.({ row: 1, column: 1 })).toEqual({ row: 1, column: 0 });
    expectFound(drawing);
  });

  it("have a line for each path that is not small, in its sign's colour and as wide as it is large", () => {
    const { svg, words } = drawn(sample("circuit"));
    const lines = [...svg.querySelectorAll("path[stroke-width]")];
    const of = (name: string) => lines.map((line) => line.getAttribute(name));
    expect(of("stroke")).toEqual(["var(--plus)", "var(--minus)", "var(--plus)", "var(--plus)"]);
    const widths = of("stroke-width").map(Number);
    expect(widths).toEqual([...widths].sort((a, b) => a - b));
    expect(widths.at(-1)).toBe(8);
    // Its interval spans 0.
    expect(of("stroke-dasharray")).toEqual(["4 3", null, null, null]);
    expect(words).toContain("1 of 5 paths are smaller and not drawn");
    expect(
      drawn(sample("circuit"), { threshold: "0" }).svg.querySelectorAll("path[stroke-width]"),
    ).toHaveLength(5);
  });

  it("say of a node what it is, what it reads and what it sends", () => {
    const { say } = board(drawn(sample("circuit")).drawing);
    expect(say({ row: 1, column: 0 })).toBe(
      "1.0@END, name mover · reads q from 0.0@END 0.5, 95% interval 0.4 to 0.6; v from 0.1@S2 -0.25, 95% interval -0.3 to -0.2; v from 0.0@END 0.1, 95% interval -0.1 to 0.3 · sends to logits 2, 95% interval 1.5 to 2.5 · in logits",
    );
    expect(say({ row: 2, column: 0 })).toBe(
      "0.1@S2, duplicate token · sends to v of 1.0@END -0.25, 95% interval -0.3 to -0.2 · in logits",
    );
  });
});

describe("attention", () => {
  it("is a triangle of queries and keys, with roles", () => {
    const { drawing, words } = drawn(sample("attention"));
    expect(words).toEqual(expect.arrayContaining(["1 Mary (IO)", "2 to (END)", "query", "key"]));
    const { say, nearest, under, boxes, bands } = board(drawing);
    expect(say({ row: 2, column: 1 })).toBe("2 to (END), 1 Mary (IO): clean 2 · patched at END only 2");
    expect(nearest?.({ row: 0, column: 2 })).toEqual({ row: 0, column: 0 });
    const [unseen] = boxes({ row: 0, column: 2 });
    expect(under((unseen?.left ?? 0) + 2, (unseen?.top ?? 0) + 2)).toBeNull();
    expect(bands?.({ row: 1, column: 0 })).toHaveLength(4);
  });

  it("has a pattern from 0 to 1, whatever is drawn of it", () => {
    const { words } = drawn({ ...sample("attention") }, { column: "pattern" });
    expect(words).toEqual(expect.arrayContaining(["0", "1.00"]));
  });

  it("is one query's row in each condition", () => {
    const { drawing, words } = drawn(sample("attention"), { view: "strips", kept: "1" });
    expect(words).toEqual(
      expect.arrayContaining(["From 1 Mary (IO)", "clean", "patched at END only", "Mary", "IO"]),
    );
    const { say, places } = board(drawing);
    expect(say({ row: 0, column: 2 })).toBe("query 2 to (END)");
    expect(say({ row: 1, column: 0 })).toBe("key 0 When: clean -2 · patched at END only 1");
    expect(say({ row: 1, column: 2 })).toBe("key 2 to (END) comes after the query, which does not see it");
    expect(places({ row: 0, column: 2 })).toEqual({ query: 2 });
    expect(places({ row: 1, column: 2 })).toBeNull();
    expectFound(drawing);
  });
});

describe("patterns", () => {
  it("are a small map for each head, which is said by what its last query attends to most", () => {
    const { drawing, svg, words } = drawn(sample("patterns"));
    expect(words).toEqual(expect.arrayContaining(["layer", "head", "0", "1", "1.00", "pattern, attention"]));
    const { rows, columns, say, places } = board(drawing);
    expect([rows, columns]).toEqual([2, 2]);
    expect(say({ row: 1, column: 0 })).toBe("head 1.0: 2 to (END) attends most to 1 Mary (IO), 0.5");
    expect(places({ row: 1, column: 0 })).toEqual({ layer: 1, head: 0 });
    // Each head's first query sees the first key alone, and gives it all.
    const whole = [...svg.querySelectorAll('path[fill="var(--plus)"][fill-opacity="1"]')];
    expect(whole.filter((path) => path.getAttribute("d")?.startsWith("M0 0h"))).toHaveLength(4);
    expectFound(drawing);
  });

  it("have room at GPT-2 small's size on a phone, with frames as one path", () => {
    const twelve = Array.from({ length: 12 }, (_, i) => i);
    const tokens = Array.from({ length: 20 }, (_, i) => `${i} a`);
    const axes = [axis("layer", twelve), axis("head", twelve), axis("query", tokens), axis("key", tokens)];
    const values = Array.from({ length: 144 * 400 }, (_, i) => (i % 20 > (i / 20) % 20 ? null : 0.5));
    const { drawing, svg } = drawn(figure("patterns", axes, [column("pattern", values)]), {}, 360);
    expect(drawing.width).toBe(360);
    expect(svg.querySelectorAll('path[fill="none"]')).toHaveLength(1);
    const [box] = board(drawing).boxes({ row: 11, column: 11 });
    expect(box?.width).toBeGreaterThan(20);
    expectFound(drawing);
  });
});

describe("every kind", () => {
  const all = SAMPLES.flatMap((figure): [string, Figure, Partial<Options>][] => [
    [figure.chart, figure, {}],
    ...(figure.chart === "histogram"
      ? [["outlines", figure, { layout: "overlaid" }] as [string, Figure, Partial<Options>]]
      : []),
    ...(figure.chart === "attention"
      ? [["strips", figure, { view: "strips" }] as [string, Figure, Partial<Options>]]
      : []),
  ]);
  const changed = (figure: Figure, value: (value: number | null, i: number) => number | null): Figure => ({
    ...figure,
    frame: {
      ...figure.frame,
      columns: figure.frame.columns.map((column) => ({ ...column, values: column.values.map(value) })),
    },
  });
  const cases: [string, (figure: Figure) => Figure][] = [
    ["as it is", (figure) => figure],
    ["of nothing but NaN", (figure) => changed(figure, () => Number.NaN)],
    ["without values", (figure) => changed(figure, () => null)],
    ["of infinities", (figure) => changed(figure, (_, i) => (i % 2 ? Number.POSITIVE_INFINITY : -1))],
    ["of zeros", (figure) => changed(figure, (value) => value && 0)],
    ["of huge values", (figure) => changed(figure, (value) => value && value * 1e30)],
    ["of tiny values", (figure) => changed(figure, (value) => value && value * 1e-30)],
    [
      "without places",
      (figure) => ({
        ...figure,
        frame: {
          axes: figure.frame.axes.map(({ name }) => ({ name, labels: [] })),
          columns: figure.frame.columns.map((column) => ({ ...column, values: [] })),
        },
      }),
    ],
    ["without columns", (figure) => ({ ...figure, frame: { ...figure.frame, columns: [] } })],
    ["without axes", (figure) => ({ ...figure, frame: { axes: [], columns: [column("x", [1])] } })],
    [
      "of one prompt",
      (figure) => ({
        ...figure,
        frame: {
          axes: figure.frame.axes.map(({ name, labels }) => ({ name, labels: labels.slice(0, 1) })),
          columns: figure.frame.columns.map((column) => ({ ...column, values: column.values.slice(0, 1) })),
        },
      }),
    ],
    [
      "of hostile and long labels",
      (figure) => ({
        ...figure,
        frame: {
          ...figure.frame,
          axes: figure.frame.axes.map(({ name, labels }) => ({
            name: `${name}<b>`,
            labels: labels.map((label, i) => `${label} <script>\u202e${"very long ".repeat(12)}${i}`),
          })),
        },
      }),
    ],
  ];
  for (const [kind, figure, options] of all)
    for (const [name, change] of cases)
      for (const width of [300, 760])
        it(`${kind} ${name} at ${width}: drawn whole`, () => {
          const { drawing, svg, texts } = drawn(change(figure), options, width);
          expect(svg.outerHTML).not.toMatch(/NaN|Infinity|undefined|\u202e/);
          expect(svg.querySelector("script, b")).toBeNull();
          for (const { text, box } of texts) {
            const inside =
              box.left >= -0.5 &&
              box.top >= -0.5 &&
              box.left + box.width <= drawing.width + 0.5 &&
              box.top + box.height <= drawing.height + 0.5;
            expect(inside, `"${text}" ${JSON.stringify(box)} in ${drawing.width} × ${drawing.height}`).toBe(
              true,
            );
          }
          const { board } = drawing;
          if (board === null) return;
          for (const place of [
            { row: 0, column: 0 },
            { row: board.rows - 1, column: board.columns - 1 },
          ]) {
            expect(board.say(board.nearest?.(place) ?? place)).not.toMatch(/NaN|undefined|\u202e/);
            board.under(1, 1);
          }
        });
});
