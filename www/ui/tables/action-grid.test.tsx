// @vitest-environment happy-dom

import { signal } from "@preact/signals";
import { cleanup, fireEvent, render, screen } from "@testing-library/preact";
import { afterEach, expect, it } from "vitest";
import { ActionGrid } from "./action-grid.tsx";

afterEach(cleanup);

const names = signal<readonly string[]>([]);

function List() {
  const rows = names.value.map((name) => ({
    key: name,
    head: name,
    actions: [
      <button type="button" key="show">
        Show {name}
      </button>,
      <input key="tick" type="checkbox" aria-label={`Tick ${name}`} />,
      <button
        type="button"
        key="remove"
        onClick={() => (names.value = names.value.filter((it) => it !== name))}
      >
        Remove {name}
      </button>,
    ],
  }));
  return <ActionGrid label="Things" rows={rows} empty="Nothing." />;
}

const stops = (container: Element) =>
  [...container.querySelectorAll<HTMLElement>("button, input")].filter(({ tabIndex }) => tabIndex === 0);
const here = () => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent;
const key = (key: string) => fireEvent.keyDown(document.activeElement as Element, { key });

it("is one stop of the Tab key, from which the arrow keys reach everything", () => {
  names.value = ["a", "b", "c"];
  const { container } = render(<List />);
  expect(stops(container).map(({ textContent }) => textContent)).toEqual(["Show a"]);
  screen.getByText("Show a").focus();
  key("ArrowRight");
  expect(here()).toBe("Tick a");
  key("ArrowDown");
  key("ArrowDown");
  expect(here()).toBe("Tick c");
  key("ArrowDown");
  key("ArrowRight");
  key("ArrowRight");
  expect(here()).toBe("Remove c");
  key("ArrowUp");
  key("ArrowLeft");
  expect(here()).toBe("Tick b");
  expect(stops(container)).toHaveLength(1);
});

it("keeps the keyboard where a thing goes away, to the last", async () => {
  names.value = ["a", "b", "c"];
  render(<List />);
  const remove = async (name: string) => {
    const button = screen.getByText(`Remove ${name}`);
    button.focus();
    fireEvent.click(button);
    await new Promise((done) => setTimeout(done));
  };
  await remove("b");
  expect(here()).toBe("Remove c");
  await remove("c");
  expect(here()).toBe("Remove a");
  await remove("a");
  expect(document.activeElement).toBe(screen.getByLabelText("Things"));
  expect(screen.getByText("Nothing.")).toBeTruthy();
});

it("does not take the keyboard from elsewhere", async () => {
  names.value = ["a", "b"];
  render(
    <>
      <List />
      <button type="button">Elsewhere</button>
    </>,
  );
  screen.getByText("Show b").focus();
  screen.getByText("Elsewhere").focus();
  names.value = ["a"];
  await new Promise((done) => setTimeout(done));
  expect(here()).toBe("Elsewhere");
});
