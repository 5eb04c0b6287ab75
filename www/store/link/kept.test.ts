// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from "vitest";
import { panels } from "../run.ts";
import * as session from "../session.ts";
import { LAB, PANELS, SCHEMAS } from "../testing.ts";
import { keepSettings, keptSettings } from "./kept.ts";

session.schemas.value = SCHEMAS;
panels.value = PANELS;
session.texts.value = session.defaults.value;

const KEY = "patchbay settings";
const navigation = vi.spyOn(performance, "getEntriesByType");
const came = (type: string) => navigation.mockReturnValue([{ type } as unknown as PerformanceEntry]);
const kept = () => keptSettings(PANELS, LAB);
/** What the page would write for its settings of now. */
const written = () =>
  vi.waitFor(() => expect(sessionStorage.getItem(KEY)).toContain(`seed=${session.texts.value.seed}`));

beforeEach(() => {
  sessionStorage.clear();
  came("reload");
});
keepSettings();

it("comes back to the settings of every question, the model and the question", async () => {
  session.texts.value = {
    ...session.defaults.value,
    seed: "71",
    decompose_by: "queries",
    patch_site: "q_input",
    prompts: "Alex and Zoë | Alex | Zoë",
    "decompose.pairs.zoom": "4",
  };
  session.model.value = "openai-community/gpt2";
  session.device.value = "cpu";
  session.question.value = "why";
  await written();
  expect(await kept()).toEqual({
    texts: session.texts.value,
    model: "openai-community/gpt2",
    device: "cpu",
    question: "why",
    headline: null,
  });
  came("back_forward");
  expect(await kept()).not.toBeNull();
});

it("a first visit, or the address typed again, begins anew", async () => {
  expect(await kept()).toBeNull();
  session.setText("seed", "72");
  await written();
  came("navigate");
  expect(await kept()).toBeNull();
});

it("a text that is no value is as usual again, and everything else is kept", async () => {
  session.texts.value = { ...session.defaults.value, seed: "73", n: "many" };
  await written();
  expect((await kept())?.texts).toEqual({ ...session.defaults.value, seed: "73" });
});

it.each([
  ["nothing of this page's", "{}"],
  ["another version's", "v=9&question=place"],
  ["a field that there is not", "v=1&question=place&model=ioi-mini&newer=1"],
  ["a model that is none", "v=1&model=javascript:alert(1)"],
  ["broken escapes", "v=1&model=%E0%A4%A"],
  ["too long", `v=1&prompts=${"x".repeat(2_000_001)}`],
])("what is kept of %s is let be", async (_, fragment) => {
  sessionStorage.setItem(KEY, fragment);
  expect(await kept()).toBeNull();
});
