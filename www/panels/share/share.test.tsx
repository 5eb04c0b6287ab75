// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from "@testing-library/preact";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { panels } from "../../store/run.ts";
import * as session from "../../store/session.ts";
import { lab } from "../../store/tasks/queue.ts";
import { LAB, PANELS, SCHEMAS } from "../../store/testing.ts";
import { experiment } from "../place/tasks.ts";
import { REPRODUCTION, runOf } from "../reproduce/testing.ts";
import { Share } from "./index.tsx";

const write = vi.fn<(text: string) => Promise<void>>();

beforeEach(() => {
  session.schemas.value = SCHEMAS;
  panels.value = PANELS;
  session.texts.value = { ...session.defaults.value, layer: "2", head: "1" };
  session.problems.value = [];
  experiment.answer.value = null;
  location.hash = "";
  write.mockReset().mockResolvedValue();
  vi.spyOn(lab, "read").mockImplementation(LAB.read);
  vi.stubGlobal("ClipboardItem", undefined);
  Object.defineProperty(navigator, "clipboard", { configurable: true, value: { writeText: write } });
});
afterEach(cleanup);

async function press(): Promise<string> {
  render(<Share />);
  fireEvent.click(screen.getByRole("button", { name: "Copy link" }));
  await vi.waitFor(() => expect(screen.getByRole("status").textContent).not.toBe(""));
  return screen.getByRole("status").textContent ?? "";
}

it("puts the settings into the address and on the clipboard, and says so until one is elsewhere", async () => {
  expect(await press()).toBe("Link copied.");
  expect(location.hash).toMatch(
    /^#v=1&question=place&model=ioi-mini&experiment=patching_positions&layer=2&head=1&/,
  );
  expect(write).toHaveBeenCalledExactlyOnceWith(location.href);
  fireEvent.pointerDown(document.body);
  expect(screen.getByRole("status").textContent).toBe("");
});

it("has the headline of the result, as long as the settings are those that gave it", async () => {
  const texts = session.textsOf("experiment");
  experiment.answer.value = { ...runOf({ texts }), key: experiment.wanted.value ?? "" };
  vi.spyOn(lab, "reproduction").mockResolvedValue(REPRODUCTION);
  await press();
  expect(location.hash).toContain("&app=0.1.0&sha256=5c&means=clean%3A3.28741");
  cleanup();
  session.setText("seed", "43");
  await press();
  expect(location.hash).not.toContain("means");
});

it("shows the link, selected, where there is no clipboard", async () => {
  write.mockRejectedValue(new Error("no"));
  expect(await press()).toMatch(/clipboard is not available/);
  const field = screen.getByRole<HTMLInputElement>("textbox", { name: "Link" });
  expect(field.value).toBe(location.href);
  expect(document.activeElement).toBe(field);
  expect([field.selectionStart, field.selectionEnd]).toEqual([0, field.value.length]);
});

it("gives no link to settings with a mistake, which is said at its field", async () => {
  session.setText("n", "0");
  expect(await press()).toBe("No link yet. To be mended first: n.");
  expect(session.problems.value).toMatchObject([{ field: "n" }]);
  expect(location.hash).toBe("");
  expect(write).not.toHaveBeenCalled();
});

it("offers prompts that make it too long as a file", async () => {
  // Random letters cannot be packed.
  const line = () => Array.from({ length: 400 }, () => Math.random().toString(36).slice(2)).join(" ");
  session.setText("prompts", Array.from({ length: 5 }, () => `${line()} | A | B`).join("\n"));
  expect(await press()).toMatch(
    /^No link: with these prompts it has \d+,\d+ characters, and at most 8,192 are read\./,
  );
  const create = vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:x");
  fireEvent.click(screen.getByRole("button", { name: "Save the prompts" }));
  const [[blob] = []] = create.mock.calls;
  expect(await (blob as Blob).text()).toBe(`${session.texts.value.prompts}\n`);
});
