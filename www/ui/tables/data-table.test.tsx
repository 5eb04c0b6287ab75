// @vitest-environment happy-dom

import { act, cleanup, fireEvent, render, screen } from "@testing-library/preact";
import { afterEach, expect, it } from "vitest";
import { Toolbar } from "../toolbar.tsx";
import { DataTable } from "./data-table.tsx";

afterEach(cleanup);

const row = (i: number) => [`row ${i}`, String(i * 2)];

it("has few of its rows in the document, and those that are scrolled to", async () => {
  const { container } = render(
    <DataTable caption="Numbers" header={["name", "twice"]} count={130_000} row={row} />,
  );
  expect(screen.getByRole("table", { name: "Numbers" }).getAttribute("aria-rowcount")).toBe("130001");
  expect(container.querySelectorAll("tbody tr").length).toBeLessThan(100);
  const box = container.querySelector(".data-table") as HTMLElement;
  box.scrollTop = 28 * 100_000;
  await act(() => void fireEvent.scroll(box));
  expect(screen.getByText("row 100000").closest("tr")?.getAttribute("aria-rowindex")).toBe("100002");
  expect(screen.queryByText("row 0")).toBeNull();
  // What is above and below takes its room.
  const { paddingTop, paddingBottom } = (box.firstElementChild as HTMLElement).style;
  const rows = container.querySelectorAll("tbody tr").length;
  expect(Number.parseInt(paddingTop, 10) + Number.parseInt(paddingBottom, 10)).toBe((130_000 - rows) * 28);
});

it("has all rows of a short table, and none of an empty one", () => {
  const { container, rerender } = render(
    <DataTable caption="Numbers" header={["name", "twice"]} count={3} row={row} />,
  );
  expect(container.querySelectorAll("tbody tr")).toHaveLength(3);
  rerender(<DataTable caption="Numbers" header={["name", "twice"]} count={0} row={row} />);
  expect(container.querySelectorAll("tbody tr")).toHaveLength(0);
});

it("a toolbar is one stop, walked with the arrow keys", () => {
  render(
    <Toolbar label="Files">
      <button type="button">a</button>
      <button type="button">b</button>
      <input type="checkbox" />
    </Toolbar>,
  );
  const all = [...screen.getByRole("toolbar").children] as HTMLElement[];
  const stops = () => all.map(({ tabIndex }) => tabIndex);
  expect(stops()).toEqual([0, -1, -1]);
  all[0]?.focus();
  for (const [key, at] of [
    ["ArrowRight", 1],
    ["End", 2],
    ["ArrowRight", 2],
    ["ArrowLeft", 1],
    ["Home", 0],
  ] as const) {
    fireEvent.keyDown(document.activeElement as Element, { key });
    expect(document.activeElement).toBe(all[at]);
  }
  expect(stops()).toEqual([0, -1, -1]);
});
