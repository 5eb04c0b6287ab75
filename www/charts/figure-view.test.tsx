// @vitest-environment happy-dom
// A figure on the page: how it is walked, what is chosen, and what its files hold.

import { act, cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/preact";
import { useState } from "preact/hooks";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Options, USUAL } from "../text/options.ts";
import { stubObservers } from "../ui/testing.ts";
import { FigureView, type FigureViewProps } from "./figure-view.tsx";
import type { Figure } from "./frame/frame.ts";
import { axis, column, figure, SAMPLES, sample } from "./testing/samples.ts";

const saved: { name: string; content: Blob }[] = [];

beforeEach(() => {
  saved.length = 0;
  stubObservers({ inView: true });
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(640);
  vi.spyOn(URL, "createObjectURL").mockImplementation((content) => {
    saved.push({ name: "", content: content as Blob });
    return "blob:saved";
  });
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    const last = saved.at(-1);
    if (last) last.name = this.download;
  });
});

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

interface Shown extends Partial<Omit<FigureViewProps, "options">> {
  options?: Partial<Options>;
}

/** With a page around it that keeps what is set. */
async function shown(figure: Figure, { options: given, ...props }: Shown = {}) {
  const all = {
    figure,
    name: "GPT-2 small",
    about: "head 10.7 · IOI, 150 prompts, seed 42",
    stem: "patchbay-gpt2-place",
    csv: async () => "csv",
    of: async () => ({ patchbay: "1.2.3", seed: 42 }),
    ...props,
  };
  function Page() {
    const [options, setOptions] = useState<Options>({ ...USUAL, ...given });
    return <FigureView options={options} setOptions={(set) => setOptions({ ...options, ...set })} {...all} />;
  }
  const view = render(<Page />);
  await waitFor(() => expect(view.container.querySelector(".chart")).not.toBeNull());
  return view;
}

const readout = () => document.querySelector(".readout")?.textContent;

async function file(kind: string) {
  await act(() => void fireEvent.click(screen.getByRole("button", { name: new RegExp(`^${kind} of`) })));
  await waitFor(() => expect(saved.at(-1)?.name).toMatch(/./));
  const { name = "", content } = saved.at(-1) ?? {};
  return { name, text: (await content?.text()) ?? "" };
}

it("is one stop for the keyboard, walked with the arrow keys", async () => {
  const chosen = vi.fn();
  await shown(sample("heat_map"), { onChoose: chosen });
  const grid = screen.getByRole("grid", { name: "The heat_map. Enter chooses." });
  expect(grid.tabIndex).toBe(0);
  const here = () => within(grid).getByRole("gridcell").getAttribute("aria-label");
  expect(here()).toBe("layer 0, head 0: 0 logits");
  const steps: [string, string][] = [
    ["ArrowRight", "layer 0, head 1: 0.5 logits"],
    ["ArrowDown", "layer 1, head 1: 0.01 logits"],
    ["End", "layer 1, head 2: 0.25 logits"],
    ["ArrowRight", "layer 1, head 2: 0.25 logits"],
    ["ArrowUp", "layer 0, head 2: -1 logits"],
    ["Home", "layer 0, head 0: 0 logits"],
    ["ArrowUp", "layer 0, head 0: 0 logits"],
  ];
  for (const [key, said] of steps) {
    await act(() => void fireEvent.keyDown(grid, { key }));
    expect(here(), key).toBe(said);
    expect(readout()).toBe(said);
    expect(document.getElementById(grid.getAttribute("aria-activedescendant") ?? "")).toBe(
      within(grid).getByRole("gridcell"),
    );
  }
  await act(() => void fireEvent.keyDown(grid, { key: "Enter" }));
  expect(chosen).toHaveBeenCalledExactlyOnceWith({ layer: 0, head: 0 });
});

it("says what is chosen, and has a ring on it that is in no file", async () => {
  const { container } = await shown(sample("heat_map"), { chosen: { layer: 0, head: 2, prompt: 7 } });
  expect(readout()).toBe("Chosen: layer 0, head 2: -1 logits");
  expect(container.querySelectorAll(".ring.chosen")).toHaveLength(1);
  expect(screen.getByRole("gridcell").getAttribute("aria-selected")).toBe("true");
  const { text } = await file("SVG");
  expect(text).not.toMatch(/ring|chosen|class=|role=|tabindex/);
});

it("has no ring where what is chosen is none of its places", async () => {
  const { container } = await shown(sample("heat_map"), { chosen: { layer: 7, head: 2 } });
  expect(container.querySelector(".ring.chosen")).toBeNull();
});

it("finds a chosen head by its name on any axis", async () => {
  await shown(sample("bars"), { chosen: { layer: 10, head: 7 } });
  expect(readout()).toBe("Chosen: head 10.7: -0.2");
});

it("has files with names, and an SVG that says what it is of, with a caption if it is asked for", async () => {
  await shown(sample("dots"));
  const plain = await file("SVG");
  expect(plain.name).toBe("patchbay-gpt2-place.svg");
  const words = (text: string) =>
    [...text.matchAll(/<(?:text|tspan)[^>]*>([^<]+)</g)].map(([, said]) => said);
  expect(words(plain.text).slice(0, 2)).toEqual([
    "The dots",
    "GPT-2 small · head 10.7 · IOI, 150 prompts, seed 42",
  ]);
  expect(plain.text).not.toMatch(/var\(|currentColor|style=|How to read it/);
  expect(plain.text).toContain('font-family="Helvetica, Arial');
  await act(() => void fireEvent.click(screen.getByRole("checkbox", { name: "with caption" })));
  expect((await file("SVG")).text).toContain("How to read it.");
});

it("has the frame as JSON and as CSV", async () => {
  const csv = vi.fn(async () => "condition,score\n");
  await shown(sample("dots"), { csv });
  const json = await file("JSON");
  expect(json.name).toBe("patchbay-gpt2-place.json");
  expect(JSON.parse(json.text)).toMatchObject({ patchbay: "1.2.3", axes: sample("dots").frame.axes });
  expect(await file("CSV")).toEqual({
    name: "patchbay-gpt2-place.csv",
    text: "condition,score\n",
  });
  expect(csv).toHaveBeenCalledWith(sample("dots").frame);
});

it("says why a file could not be made", async () => {
  await shown(sample("dots"), { csv: () => Promise.reject(new Error("the worker is gone")) });
  await act(() => void fireEvent.click(screen.getByRole("button", { name: /^CSV/ })));
  await waitFor(() =>
    expect(screen.getByRole("status").textContent).toBe("No CSV was saved: the worker is gone"),
  );
});

it("has the same numbers as a table", async () => {
  await shown(sample("heat_map"));
  const button = screen.getByRole("button", { name: "Table: The heat_map" });
  expect(button.getAttribute("aria-expanded")).toBe("false");
  await act(() => void fireEvent.click(button));
  const table = screen.getByRole("table", { name: "The heat_map" });
  const rows = within(table)
    .getAllByRole("row")
    .map((row) => row.textContent);
  expect(rows).toEqual(["layerheadlogit diff, logits", "000", "010.5", "02-1", "10–", "110.01", "120.25"]);
});

it("shows another column when it is asked to", async () => {
  await shown(sample("attention"));
  await act(() => void fireEvent.change(screen.getByLabelText("shown"), { target: { value: "pattern" } }));
  await act(() => void fireEvent.keyDown(screen.getByRole("grid"), { key: "ArrowDown" }));
  expect(readout()).toMatch(/^1 Mary \(IO\), 0 When: clean 0.2 · patched at END only 0.5/);
});

it("leaves what is set to the page, where the page keeps it", async () => {
  const setOptions = vi.fn();
  await shown(sample("histogram"), { options: { series: "clean" }, setOptions });
  await act(() => void fireEvent.change(screen.getByLabelText("split by"), { target: { value: "order" } }));
  expect(setOptions).toHaveBeenCalledWith({ split: "order" });
});

it("keeps a query with Enter, and lets it go with Esc", async () => {
  const chosen = vi.fn();
  await shown(sample("attention"), { options: { view: "strips" }, onChoose: chosen });
  const grid = screen.getByRole("grid");
  const title = () => document.querySelector(".chart text")?.textContent;
  expect(title()).toBe("From 2 to (END)");
  await act(() => void fireEvent.keyDown(grid, { key: "ArrowRight" }));
  expect(title()).toBe("From 1 Mary (IO)");
  await act(() => void fireEvent.keyDown(grid, { key: "Enter" }));
  expect(chosen).toHaveBeenCalledExactlyOnceWith({ query: 1 });
  await act(() => void fireEvent.keyDown(grid, { key: "ArrowLeft" }));
  expect(title()).toBe("From 1 Mary (IO)");
  const outside = vi.fn();
  document.addEventListener("keydown", outside);
  await act(() => void fireEvent.keyDown(grid, { key: "Escape" }));
  expect(outside).not.toHaveBeenCalled();
  await act(() => void fireEvent.blur(grid));
  expect(title()).toBe("From 2 to (END)");
  await act(() => void fireEvent.keyDown(grid, { key: "Escape" }));
  expect(outside).toHaveBeenCalledOnce();
  document.removeEventListener("keydown", outside);
});

it("marks the same pair in all planes of pairs", async () => {
  const parts = axis("component", ["W_E", "0.0"]);
  const planes = figure(
    "pairs",
    [axis("part", ["a", "b"]), { ...parts, name: "query" }, { ...parts, name: "key" }],
    [column("contribution", [1, 2, 3, 4, 5, 6, 7, 8])],
  );
  const { container } = await shown(planes);
  await act(() => void fireEvent.keyDown(screen.getByRole("grid"), { key: "ArrowRight" }));
  expect(container.querySelectorAll(".ring.here")).toHaveLength(2);
  expect(readout()).toBe("query W_E, key 0.0: a 2 · b 6");
  await act(() => void fireEvent.keyDown(screen.getByRole("grid"), { key: "Enter" }));
  expect(screen.getByLabelText<HTMLInputElement>("marked pairs").value).toBe("W_E 0.0");
  expect(container.querySelectorAll(".ring.chosen")).toHaveLength(2);
  const said = () => container.querySelector(".chart [role=status]")?.textContent;
  expect(said()).toBe("Marked, of 4 pairs, summed over the planes: W_E × 0.0 8, number 3 by size.");
  const write = (value: string) =>
    act(() => void fireEvent.input(screen.getByLabelText("marked pairs"), { target: { value } }));
  await write(" 0.0  0.0,9.9 MLP_0, 0.0 0.0, W_E");
  expect(said()).toBe(
    "Marked, of 4 pairs, summed over the planes: 0.0 × 0.0 12, number 1 by size. " +
      "Not among these components: 9.9 MLP_0. " +
      "No pairs: W_E; expected a query's and a key's component, such as 0.0 0.0.",
  );
  await write("W_E 0.0");
  await act(() => void fireEvent.keyDown(screen.getByRole("grid"), { key: "Enter" }));
  expect([said(), container.querySelectorAll(".ring.chosen").length]).toEqual(["", 0]);
});

it("chooses the head that the arrow keys come to, among all heads on one canvas", async () => {
  const chosen = vi.fn();
  const { container } = await shown(sample("patterns"), { onChoose: chosen, chosen: { layer: 0, head: 1 } });
  const grid = screen.getByRole("grid", { name: "The patterns. The arrow keys choose." });
  expect(readout()).toMatch(/^Chosen: head 0\.1: /);
  await act(() => void fireEvent.keyDown(grid, { key: "ArrowDown" }));
  expect(chosen).toHaveBeenCalledExactlyOnceWith({ layer: 1, head: 1 });
  expect(container.querySelectorAll("canvas")).toHaveLength(1);
  expect(container.querySelectorAll(".chart svg > g *").length).toBeLessThan(60);
});

it.each(SAMPLES.map((figure) => [figure.chart, figure] as const))("has an SVG of %s", async (_, figure) => {
  await shown(figure);
  const { text } = await file("SVG");
  expect(text).toMatch(/^<svg/);
  expect(text).not.toMatch(/var\(|NaN|undefined/);
});
