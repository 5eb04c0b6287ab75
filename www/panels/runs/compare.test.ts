import { beforeEach, describe, expect, it } from "vitest";
import type { ExperimentResult } from "../../../pkg/cpu/patchbay.js";
import type { Kept } from "../../store/runs/runs.ts";
import { schemas } from "../../store/session.ts";
import { comparedMeans, comparedPrompts, differingSettings } from "./compare.ts";
import { run } from "./testing.ts";
import { aboutText, experimentOf, meansText, timeText } from "./words.ts";

const field = (name: string, label: string, kind: object = { is: "text" }) => ({
  name,
  label,
  kind,
  default: "",
});

beforeEach(() => {
  const experiment = {
    is: "choice",
    choices: [
      { value: "patching_positions", label: "Patching positions" },
      { value: "controls", label: "Controls" },
    ],
  };
  schemas.value = [
    {
      analysis: "experiment",
      fields: [
        field("experiment", "Experiment", experiment),
        field("layer", "Layer"),
        field("prompts", "Own prompts", { is: "prompts" }),
        field("freeze_ln", "Freeze LayerNorm scale"),
      ],
    },
  ] as never;
});

describe("what the list says of a run", () => {
  const one = run({ clean: [1, 2], patched: [0.5, 0.5], projected: [0, 0.25] });

  it("is its means, of the model and the head that it was asked about", () => {
    expect(meansText(one)).toBe("clean 1.5000 · patched 0.5000 · projected 0.1250");
    expect(aboutText(one)).toBe("ioi-mini · head 1.2 · IOI, 2 prompts, seed 42 · CPU");
  });

  it("sums up many conditions", () => {
    const many = run({ clean: [1], a: [0.5], b: [-2], c: [3], d: [0] });
    expect(meansText(many)).toBe("clean 1.0000 · 4 edits from -2.0000 to 3.0000");
  });

  it("has no means for other questions, and names another version of the page", () => {
    const other = run(null, { version: "0.0.1" });
    expect(experimentOf(other)).toBeNull();
    expect(meansText(other)).toBe("");
    expect(aboutText(other)).toMatch(/version 0\.0\.1 of this page$/);
  });

  it("has the time of day, and the day where that is another", () => {
    const now = new Date(2026, 10, 20, 23);
    expect(timeText(new Date(2026, 10, 20, 9, 5, 7).toISOString(), now)).toBe("09:05:07");
    expect(timeText(new Date(2026, 10, 19, 9, 5, 7).toISOString(), now)).toMatch(/^19 Nov 2026, 09:05$/);
  });
});

const results = (...runs: Kept[]) => runs.map(experimentOf) as [ExperimentResult, ExperimentResult];
const title = (panel: string) => panel;

describe("two runs side by side", () => {
  const one = run({ clean: [1, 2], patched: [0, 1] });
  const live = run({ clean: [1, 2], patched: [0.5, 0.25] }, { number: 2, texts: { freeze_ln: "false" } });

  it("name the settings that differ in the form's words", () => {
    expect(differingSettings([one, one], title)).toEqual([]);
    expect(differingSettings([one, live], title)).toEqual([["Freeze LayerNorm scale", "true", "false"]]);
    const other = run(
      { clean: [1] },
      {
        texts: { experiment: "controls", layer: "", prompts: "sentence,io,s\nA,B,C\nD,E,F\nG" },
        own: [{ io: "B" }, { io: "E" }],
        version: "0.0.1",
      },
    );
    expect(
      differingSettings([one, other], title).map(([name, ours, theirs]) => [name, ours, theirs]),
    ).toEqual([
      ["Experiment", "Patching positions", "Controls"],
      ["Layer", "1", "1, the model's own"],
      ["Own prompts", "–", "2 of one's own"],
      ["Version of this page", one.version, "0.0.1"],
    ]);
  });

  it("say that as many prompts of one's own are others", () => {
    const of = (prompts: string, io: string) => run({ clean: [1] }, { texts: { prompts }, own: [{ io }] });
    const one = of("A | B | C", "B");
    expect(differingSettings([one, of("D | E | F", "E")], title)).toEqual([
      ["Own prompts", "1 of one's own", "1 of one's own, other ones"],
    ]);
    expect(differingSettings([one, of("A | B | C\n", "B")], title)).toEqual([]);
  });

  it("name the part of the model that is another, though its weights are the same", () => {
    const other = run({ clean: [1, 2] }, { origin: { config_sha256: "e".repeat(64) } });
    expect(differingSettings([one, other], title)).toEqual([
      ["SHA-256 of the configuration", "c", "eeeeeeee…"],
    ]);
  });

  it("pair prompts where they are the same", () => {
    expect(comparedMeans(results(one, live), ["run 1", "run 2"])).toEqual({
      header: [
        "condition",
        "run 1",
        "run 2",
        "difference",
        "mean |difference| a prompt",
        "largest, in prompt",
      ],
      rows: [
        ["clean", "1.5000", "1.5000", "0", "0", "0"],
        ["patched", "0.5000", "0.3750", "-0.1250", "0.625", "0.75 in 2"],
      ],
    });
    const prompts = comparedPrompts(results(one, live));
    expect([prompts?.header, prompts?.count]).toEqual([["prompt", "clean", "patched"], 2]);
    expect([0, 1].map((i) => prompts?.row(i))).toEqual([
      ["1", "0", "+0.5000"],
      ["2", "0", "-0.7500"],
    ]);
  });

  it("do not pair other prompts, and leave open what only one has", () => {
    const other = run({ clean: [3, 3, 3], projected: [1, 1, 1] }, { texts: { n: "3" } });
    expect(comparedPrompts(results(one, other))).toBeNull();
    expect(comparedMeans(results(one, other), ["run 1", "run 2"]).rows).toEqual([
      ["clean", "1.5000", "3.0000", "+1.5000"],
      ["patched", "0.5000", "–", "–"],
      ["projected", "–", "1.0000", "–"],
    ]);
  });
});
