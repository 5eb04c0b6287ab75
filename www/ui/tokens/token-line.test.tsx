// @vitest-environment happy-dom

import { cleanup, fireEvent, render, screen } from "@testing-library/preact";
import { afterEach, expect, it, vi } from "vitest";
import { type Pointing, TokenLine } from "./token-line.tsx";

const LINE = {
  tokens: ["<|endoftext|>", "When", " Mary", " and", " John", ",", " John", " to"],
  roles: { IO: 2, S1: 4, "S1+1": 5, S2: 6, END: 7 },
};

afterEach(cleanup);

function shown(kept: number | null = null) {
  const pointing: Pointing = { kept, point: vi.fn(), keep: vi.fn() };
  render(<TokenLine label="The clean prompt" line={LINE} pointing={pointing} shade={(at) => at / 10} />);
  return pointing;
}
const token = (text: string) =>
  screen.getAllByRole("button").find(({ textContent }) => textContent === text) as HTMLElement;
const note = (of: HTMLElement) => document.getElementById(of.getAttribute("aria-describedby") ?? "");

it("names the roles under their tokens, and what each is", () => {
  shown();
  const names = screen.getAllByRole("button").map(({ textContent }) => textContent);
  expect(names).toEqual(["BOS", "When", "MaryIO", "and", "JohnS1", ",", "JohnS2", "toEND"]);
  expect(note(token("MaryIO"))?.textContent).toMatch(/^The indirect object/);
  expect(token("When").getAttribute("aria-describedby")).toBeNull();
});

it("is one stop of the Tab key, at END first; the arrow keys walk it", () => {
  const { point } = shown();
  const stops = () => screen.getAllByRole("button").filter(({ tabIndex }) => tabIndex === 0);
  expect(stops().map(({ textContent }) => textContent)).toEqual(["toEND"]);
  token("toEND").focus();
  for (const [key, text] of [
    ["ArrowLeft", "JohnS2"],
    ["Home", "BOS"],
    ["ArrowLeft", "BOS"],
    ["ArrowRight", "When"],
    ["End", "toEND"],
  ] as const) {
    fireEvent.keyDown(document.activeElement as Element, { key });
    expect(document.activeElement?.textContent).toBe(text);
    expect(stops()).toEqual([document.activeElement]);
  }
  expect(point).toHaveBeenLastCalledWith(7);
});

it("is pointed at by a mouse, and kept by a click; the same again lets go", () => {
  const { point, keep } = shown();
  fireEvent.pointerEnter(token("MaryIO"), { pointerType: "mouse" });
  expect(point).toHaveBeenLastCalledWith(2);
  fireEvent.pointerEnter(token("When"), { pointerType: "touch" });
  expect(point).toHaveBeenCalledTimes(1);
  fireEvent.click(token("MaryIO"), { detail: 1 });
  expect(keep).toHaveBeenLastCalledWith(2);
  cleanup();
  const again = shown(2);
  expect(token("MaryIO").getAttribute("aria-pressed")).toBe("true");
  fireEvent.click(token("MaryIO"), { detail: 1 });
  expect(again.keep).toHaveBeenLastCalledWith(null);
});

it("Esc lets go of the token alone, and is the page's where none is kept", () => {
  const escaped = vi.fn();
  document.addEventListener("keydown", escaped);
  const kept = shown(2);
  fireEvent.keyDown(token("MaryIO"), { key: "Escape" });
  expect(kept.keep).toHaveBeenCalledWith(null);
  expect(escaped).not.toHaveBeenCalled();
  cleanup();
  const none = shown();
  fireEvent.keyDown(token("MaryIO"), { key: "Escape" });
  expect([none.keep, escaped].map((call) => (call as ReturnType<typeof vi.fn>).mock.calls.length)).toEqual([
    0, 1,
  ]);
  document.removeEventListener("keydown", escaped);
});

it("shades the tokens by what they have to do with the one that is looked at", () => {
  shown();
  const shades = screen.getAllByRole("listitem").map((it) => it.style.getPropertyValue("--shade"));
  expect(shades[0]).toBe("0.000");
  expect([...shades].sort()).toEqual(shades);
  expect(Number(shades[2])).toBeGreaterThan(0.2);
});

it("is text to be read where nothing is known of its tokens", () => {
  render(<TokenLine label="The clean prompt" line={LINE} />);
  expect(screen.queryAllByRole("button")).toEqual([]);
  expect(screen.getByRole("list").textContent).toContain("MaryIO");
});
