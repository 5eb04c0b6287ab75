import { describe, expect, it } from "vitest";
import { check } from "./check.ts";
import { NamedError } from "./errors.ts";
import { settingsForSpec, type Texts, textsOf } from "./fields.ts";

const DEFAULTS = {
  experiment: "patching_positions",
  layer: 10,
  head: 7,
  dataset: { n: 150, seed: 42, symmetric: true, prompt_type: "mixed" as const, prepend_bos: true },
  flip: "ABB -> BAB, BAB -> ABB",
  freeze_ln: true,
};
const GOOD = textsOf(settingsForSpec(DEFAULTS));

/** The crate's part, as far as this file needs it. */
const crate = {
  async checkFlip(text: string) {
    if (text !== DEFAULTS.flip) throw new NamedError("BadInput", "expected ABB.", { field: "flip" });
  },
  async preview({ n, symmetric }: typeof DEFAULTS.dataset, flip: string) {
    await crate.checkFlip(flip);
    if (symmetric && n % 2 === 1) throw new NamedError("BadInput", "n must be even.", { field: "n" });
    return { sentences: [], n };
  },
};

const checked = (change: Partial<Texts>) => check(crate, { ...GOOD, ...change }, DEFAULTS, 3);
const fields = async (change: Partial<Texts>) => (await checked(change)).problems.map(({ field }) => field);

describe("check", () => {
  it("shows the prompts of good texts", async () => {
    expect(await checked({})).toEqual({ problems: [], preview: { sentences: [], n: 150 } });
  });

  it("reports the page's and the crate's findings together", async () => {
    expect(await fields({ n: "0", flip: "x", seed: "-1" })).toEqual(["n", "seed", "flip"]);
    expect(await fields({ n: "21", flip: "x", seed: "-1" })).toEqual(["n", "seed", "flip"]);
    expect(await fields({ n: "21", flip: "" })).toEqual(["n", "flip"]);
  });

  it("shows no prompts that are not the form's", async () => {
    for (const change of [{ seed: "x" }, { flip: "x" }, { n: "21" }]) {
      expect((await checked(change)).preview).toBeNull();
    }
    expect((await checked({ layer: "x" })).preview).not.toBeNull();
  });

  it("lets what is no mistake in the form through", async () => {
    const broken = { ...crate, checkFlip: () => Promise.reject(new Error("worker stopped")) };
    await expect(check(broken, GOOD, DEFAULTS, 3)).rejects.toThrow("worker stopped");
  });
});
