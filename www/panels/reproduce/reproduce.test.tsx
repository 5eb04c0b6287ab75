// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, within } from "@testing-library/preact";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { JobReply } from "../../door/protocol.ts";
import { promised } from "../../store/link/link.ts";
import { schemas, textsOf } from "../../store/session.ts";
import { lab } from "../../store/tasks/queue.ts";
import { SCHEMAS } from "../../store/testing.ts";
import { experiment } from "../place/tasks.ts";
import { REPRODUCE } from "./index.tsx";
import { COMPARISON, REPRODUCTION, runOf } from "./testing.ts";

const { View } = REPRODUCE;
const TABLE = { ...COMPARISON.table, name: "notebook", title: "Of the notebook" };
const write = vi.fn<(text: string) => Promise<void>>();
const saved: { name: string; text: Promise<string> }[] = [];

beforeEach(() => {
  schemas.value = SCHEMAS;
  promised.value = null;
  experiment.answer.value = runOf({ texts: textsOf("experiment") });
  saved.length = 0;
  write.mockReset().mockResolvedValue();
  vi.spyOn(lab, "reproduction").mockReset().mockResolvedValue(REPRODUCTION);
  vi.spyOn(lab, "runFile")
    .mockReset()
    .mockImplementation(async (_, what) => `all of the ${what}`);
  vi.spyOn(lab, "scriptLibraries").mockReset().mockResolvedValue(["transformer-lens", "nnsight"]);
  vi.spyOn(lab, "job")
    .mockReset()
    .mockResolvedValue({ result: { parts: [] } } as unknown as JobReply<unknown>);
  vi.spyOn(lab, "scriptText")
    .mockReset()
    .mockImplementation(async (_, form) => `all of the ${form}`);
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

const press = async (name: string) => fireEvent.click(await screen.findByRole("button", { name }));

it("says that there is nothing to repeat yet", () => {
  experiment.answer.value = null;
  render(<View />);
  expect(screen.getByText(/There is no run yet/)).toBeTruthy();
  expect(screen.queryByRole("button")).toBeNull();
});

it("gives the crate the run with what its files are named by, and means alone of its figures", async () => {
  const run = runOf({ texts: textsOf("experiment") });
  const figures = [{ chart: "dots" }, { chart: "histogram" }] as never[];
  if (run.reply.report) run.reply.report.figures = figures;
  experiment.answer.value = run;
  render(<View />);
  await screen.findByText("patchbay run --model ioi-mini");
  expect(lab.reproduction).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({
      id: "openai-community/gpt2",
      date: "2026-01-02T03:04:05.678Z",
      stem: "patchbay-GPT-2-small-place-L10H7-n150-seed42",
      result: run.reply.result,
      origin: run.reply.origin,
      report: { ...run.reply.report, figures: figures.slice(0, 1) },
    }),
  );
});

it("holds the link's result against this one, where the settings are the link's", async () => {
  const differs = { ...COMPARISON, agrees: false, verdict: "It differs." };
  vi.spyOn(lab, "compareHeadline").mockReset().mockResolvedValue(differs);
  const link = { texts: textsOf("experiment"), model: "openai-community/gpt2", headline: {} };
  promised.value = link;
  render(<View />);
  const part = within(await screen.findByRole("region", { name: "The result in the link" }));
  expect(part.getByText("It differs.").className).toContain("bad");
  expect(part.getByRole("table", { name: "The link's means" })).toBeTruthy();
  promised.value = { ...link, texts: { ...link.texts, seed: "43" } };
  await vi.waitFor(() => expect(screen.queryByRole("region", { name: "The result in the link" })).toBeNull());
});

it("has the notebook's figures where there are some, and no script where there is none", async () => {
  vi.mocked(lab.reproduction).mockResolvedValue({
    ...REPRODUCTION,
    published: TABLE,
  });
  vi.mocked(lab.scriptLibraries).mockResolvedValue([]);
  render(<View />);
  expect(await screen.findByRole("table", { name: "Of the notebook" })).toBeTruthy();
  expect(screen.queryByRole("heading", { name: "As code for another library" })).toBeNull();
});

it("gives the script to look at, which is made when it is asked for", async () => {
  render(<View />);
  const details = (await screen.findByText("The script")).closest("details") as HTMLDetailsElement;
  expect(lab.scriptText).not.toHaveBeenCalled();
  details.open = true;
  fireEvent(details, new Event("toggle"));
  await vi.waitFor(() => expect(screen.getByLabelText("The script").textContent).toBe("all of the py"));
});

it("copies the script, the command and the citation, or says why not", async () => {
  render(<View />);
  for (const what of ["script", "command", "citation"]) await press(`Copy ${what}`);
  await vi.waitFor(() => expect(screen.getAllByText("Copied.")).toHaveLength(3));
  expect(write.mock.calls.flat().sort()).toEqual(
    [REPRODUCTION.command, REPRODUCTION.citation, "all of the py"].sort(),
  );
  write.mockRejectedValue(new Error("no"));
  await press("Copy command");
  await screen.findByText(/The clipboard is not available/);
  vi.mocked(lab.job).mockRejectedValue(new Error("The worker is gone."));
  await press("Copy script");
  await screen.findByText("No script. The worker is gone.");
});

it.each([
  ["script", "patchbay-GPT-2-small-experiment-L10H7-n150-seed42.py", "py"],
  ["notebook", "patchbay-GPT-2-small-experiment-L10H7-n150-seed42.ipynb", "ipynb"],
  ["JSON", "run.json", "JSON"],
  ["CSV", "run.csv", "CSV"],
])("saves the %s", async (what, name, of) => {
  render(<View />);
  await press(`Download ${what}`);
  await vi.waitFor(() => expect(saved).toHaveLength(1));
  expect([saved[0]?.name, await saved[0]?.text]).toEqual([name, `all of the ${of}`]);
});

it("asks for the program of the library that is chosen, with the answer and its model", async () => {
  const run = runOf({ texts: textsOf("experiment") });
  // A form may have another name than its analysis.
  Object.assign(run.asked, { question: { analysis: "replacements", texts: {} } });
  experiment.answer.value = run;
  render(<View />);
  fireEvent.change(await screen.findByRole("combobox", { name: "Library" }), {
    target: { value: "nnsight" },
  });
  await press("Copy script");
  await vi.waitFor(() => expect(lab.scriptText).toHaveBeenCalledOnce());
  expect(lab.scriptLibraries).toHaveBeenCalledWith("experiment");
  const [request] = vi.mocked(lab.job).mock.calls[0] ?? [];
  expect(request).toMatchObject({
    unasked: true,
    source: run.asked.source,
    question: {
      spec: {
        analysis: "script",
        of: "experiment",
        library: "nnsight",
        result: run.reply.result,
        model: { id: run.asked.model, origin: run.reply.origin },
      },
    },
  });
  const [, , parts] = vi.mocked(lab.scriptText).mock.calls[0] ?? [];
  expect(parts?.["printing.py"]).toContain("def show");
});

it("says why a run cannot be repeated, as of one that another version has kept", async () => {
  vi.mocked(lab.reproduction).mockRejectedValue(new Error("The run cannot be read."));
  render(<View />);
  expect((await screen.findByText("The run cannot be read.")).className).toContain("bad");
});
