// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, within } from "@testing-library/preact";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { promised } from "../../store/link.ts";
import { lab } from "../../store/queue.ts";
import { schemas, textsOf } from "../../store/session.ts";
import { SCHEMAS } from "../../store/testing.ts";
import { experiment } from "../place/tasks.ts";
import { REPRODUCE } from "./index.tsx";
import { transformerLensScript } from "./script.ts";
import { PROMPTS, runOf } from "./testing.ts";

const { View } = REPRODUCE;
const write = vi.fn<(text: string) => Promise<void>>();
const saved: { name: string; text: Promise<string> }[] = [];
const HEADLINE = { app: "0.1.0", sha256: "24".repeat(32), revision: null };

beforeEach(() => {
  schemas.value = SCHEMAS;
  promised.value = null;
  experiment.answer.value = runOf({ texts: textsOf("experiment") });
  saved.length = 0;
  write.mockReset().mockResolvedValue();
  vi.spyOn(lab, "dataset").mockReset().mockResolvedValue(PROMPTS);
  vi.stubGlobal("ClipboardItem", undefined);
  Object.defineProperty(navigator, "clipboard", { configurable: true, value: { writeText: write } });
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    const last = saved.at(-1);
    if (last) last.name = this.download;
  });
  vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => {
    saved.push({ name: "", text: (blob as Blob).text() });
    return "blob:x";
  });
});
afterEach(cleanup);

const press = (name: string) => fireEvent.click(screen.getByRole("button", { name }));
const savedFile = async () => {
  await vi.waitFor(() => expect(saved).toHaveLength(1));
  const [file] = saved;
  return { name: file?.name, text: await file?.text };
};

it("says that there is nothing to repeat yet", () => {
  experiment.answer.value = null;
  render(<View />);
  expect(screen.getByText(/There is no run yet/)).toBeTruthy();
  expect(screen.queryByRole("button")).toBeNull();
});

it("holds the link's result against this one, where the settings are the link's", async () => {
  const means = { clean: 3.28741, patched: 1.5 };
  promised.value = {
    texts: textsOf("experiment"),
    model: "openai-community/gpt2",
    headline: { ...HEADLINE, means },
  };
  render(<View />);
  const part = within(screen.getByRole("region", { name: "The result in the link" }));
  expect(part.getByText(/differs from the one stored in the link, in 1 of 2 conditions\./)).toBeTruthy();
  expect(part.getAllByRole("row").map((row) => row.textContent)).toEqual([
    "conditionin the linkhereverdict",
    "clean3.287413.28741agrees",
    "patched1.52.94622differs",
  ]);
  promised.value = { ...promised.value, texts: { ...textsOf("experiment"), seed: "43" } };
  await vi.waitFor(() => expect(screen.queryByRole("region", { name: "The result in the link" })).toBeNull());
});

it("has the notebook's figures beside its own", () => {
  render(<View />);
  const table = screen.getByRole("table", { name: "Mean attention score difference" });
  expect(
    within(table)
      .getAllByRole("row")
      .map((row) => row.textContent),
  ).toEqual(["conditionnotebookhere", "clean3.28743.2874", "patched2.94622.9462", "projected1.25861.2586"]);
});

it("gives the script to copy, to download and to look at, and asks for the prompts once", async () => {
  const script = transformerLensScript(runOf(), PROMPTS);
  render(<View />);
  press("Copy script");
  await screen.findByText("Script copied.");
  expect(write).toHaveBeenCalledWith(script);
  press("Download script");
  expect(await savedFile()).toEqual({
    name: "patchbay-GPT-2-small-place-L10H7-n150-seed42.py",
    text: script,
  });
  const details = screen.getByText("The script").closest("details") as HTMLDetailsElement;
  details.open = true;
  fireEvent(details, new Event("toggle"));
  await vi.waitFor(() => expect(screen.getByLabelText("The script").textContent).toBe(script));
  expect(lab.dataset).toHaveBeenCalledTimes(1);
});

it("shows the script where there is no clipboard, and says why there is none", async () => {
  write.mockRejectedValue(new Error("no"));
  render(<View />);
  press("Copy script");
  await screen.findByText(/The clipboard is not available/);
  expect(screen.getByLabelText("The script").textContent).toContain("PROMPTS = [");
  cleanup();
  experiment.answer.value = runOf();
  vi.mocked(lab.dataset).mockRejectedValue(new Error("The model is gone."));
  render(<View />);
  press("Download script");
  await screen.findByText("No script. The model is gone.");
});

it("saves the run as JSON and as CSV", async () => {
  vi.spyOn(lab, "csv").mockResolvedValue("condition,prompt\n");
  render(<View />);
  press("Download CSV");
  expect(await savedFile()).toEqual({
    name: "patchbay-GPT-2-small-place-L10H7-n150-seed42.csv",
    text: "condition,prompt\n",
  });
  saved.length = 0;
  press("Download JSON");
  const { name, text = "" } = await savedFile();
  expect(name).toBe("patchbay-GPT-2-small-place-L10H7-n150-seed42.json");
  expect(JSON.parse(text).prompts).toHaveLength(2);
});

it("has a command line and a citation to copy", async () => {
  render(<View />);
  press("Copy command");
  press("Copy citation");
  await vi.waitFor(() => expect(write).toHaveBeenCalledTimes(2));
  expect(write.mock.calls.map(([text]) => text.split(" ", 2).join(" "))).toEqual([
    "patchbay run",
    "Patchbay 0.1.0;",
  ]);
});
