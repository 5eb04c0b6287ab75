// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from "vitest";
import { weights as hub } from "../../../crate/src/hub.json";
import type { Compared, VerifyResult } from "../../../pkg/cpu/patchbay.js";
import { HUB_ID, MINI_ID } from "../../door/sources.ts";
import { model, weights } from "../../store/session.ts";
import { fetchFigures, verify, whose } from "./asked.ts";
import { about, gridsOf, headline, mapOf, notebook, tableOf } from "./figures.ts";

const compared = (
  name: string,
  published: unknown,
  ours: unknown,
  more: Partial<Compared> = {},
): Compared => ({
  name,
  published,
  ours,
  numbers: [published].flat(3).length,
  difference: 0.001,
  worst: { published: 1, ours: 1.001, at: null },
  tolerance: 0.01,
  approximate: false,
  within: true,
  problem: null,
  ...more,
});

const HASH = hub.sha256;
const GRID = compared(
  "eight_prompts.denoising.layer_by_position.z",
  [
    [1, 2, 3],
    [4, 5, 6],
  ],
  [
    [1, 2, 3.5],
    [4, 5, 5],
  ],
);
const RESULT: VerifyResult = {
  within: false,
  figures: [
    compared("patching_positions.clean", 3.2874, 3.28741),
    compared("patching_positions.patched", 2.9462, 2.9463),
    compared("patching_positions.projected", 1.2586, null, {
      within: false,
      worst: null,
      problem: "no head",
    }),
    GRID,
    compared("eight_prompts.denoising.layer_by_head_by_position.z", [[[1]]], [[[1]]]),
    compared("wang_et_al_2022.logit_diff", 3.56, 3.4, { approximate: true }),
  ],
};

it("counts what agrees, and how many numbers that is", () => {
  expect(headline(RESULT)).toBe("5 of 6 published figures agree with this page's.");
  const all = RESULT.figures.filter(({ within }) => within);
  expect(headline({ within: true, figures: all })).toBe("All 5 published figures agree with this page's.");
  expect(about(RESULT)).toMatch(/^These are 11 numbers\. 1 of the figures are of other prompts/);
});

it("has the notebook's three numbers beside the page's", () => {
  expect(notebook(RESULT)).toMatch(/ 3\.2874, 2\.9462, 1\.2586 .*; here they are 3\.2874, 2\.9463, none\.$/);
  expect(notebook({ within: true, figures: [GRID] })).toBeNull();
});

it("says of each figure whether it agrees, or why it cannot be compared", () => {
  const { rows } = tableOf(RESULT);
  expect(rows[0]).toEqual(["patching positions, clean", "1.0000", "1.0010", "0.001", "0.01", "yes"]);
  expect(rows[2]?.slice(1)).toEqual(["–", "–", "0.001", "0.01", "no head"]);
});

it("draws grids of two axes: theirs, ours and the difference", () => {
  expect(gridsOf(RESULT)).toEqual([GRID]);
  const { frame } = mapOf(GRID);
  expect(frame.axes.map(({ name, labels }) => [name, labels.length])).toEqual([
    ["of", 3],
    ["layer", 2],
    ["position", 3],
  ]);
  expect(frame.columns[0]?.values).toEqual([1, 2, 3, 4, 5, 6, 1, 2, 3.5, 4, 5, 5, 0, 0, 0.5, 0, 0, -1]);
});

beforeEach(() => {
  weights.value = null;
  vi.stubGlobal("fetch", async () => Response.json({ model: { name: HUB_ID, sha256: HASH } }));
});

it("is asked of GPT-2 small's weights alone, wherever they come from", async () => {
  model.value = HUB_ID;
  expect([whose.value, verify.question]).toEqual(["theirs", null]);
  await fetchFigures();
  expect(whose.value).toBe("theirs");
  expect(verify.question).toMatchObject({
    spec: { analysis: "verify", figures: { model: { sha256: HASH } } },
  });
  model.value = MINI_ID;
  expect([whose.value, verify.question]).toEqual(["unknown", null]);
  weights.value = { id: MINI_ID, sha256: "3439" };
  expect([whose.value, verify.question]).toEqual(["others", null]);
  model.value = "url:https://models.example/";
  weights.value = { id: model.value, sha256: HASH };
  expect(whose.value).toBe("theirs");
});
