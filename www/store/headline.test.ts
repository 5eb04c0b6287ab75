import { describe, expect, it } from "vitest";
import type { ExperimentResult } from "../../pkg/cpu/patchbay.js";
import { compareHeadline, type Headline, headlineOf, headlinePairs, takeHeadline } from "./headline.ts";

const SHA256 = "5c".repeat(32);
const REVISION = "607a30d783dfa663caf39e06633721c8d4cfcd7e";

function result(means: Record<string, number>, origin = {}) {
  const figures = { diff: [], io_score: [], s1_score: [] };
  const conditions: ExperimentResult["conditions"] = Object.fromEntries(
    Object.entries(means).map(([name, mean_diff]) => [name, { mean_diff, ...figures }]),
  );
  const known = {
    sha256: SHA256,
    config_sha256: "c0".repeat(32),
    tokenizer_sha256: "70".repeat(32),
    revision: REVISION,
  };
  return { result: { conditions }, origin: { ...known, ...origin } };
}

const MEANS = { clean: 3.28741234, "patched, frozen LN": -0.0000012345678, zero: 0 };
const GOOD = new Map(headlinePairs(headlineOf(result(MEANS), "0.1.0")));

describe("a headline", () => {
  it("is rounded, and comes back from a link as it went", () => {
    const headline = headlineOf(result(MEANS), "0.1.0");
    expect(headline.means).toEqual({ clean: 3.28741, "patched, frozen LN": -0.00000123457, zero: 0 });
    const given = new Map([...headlinePairs(headline), ["n", "20"]] as const);
    expect(takeHeadline(given)).toEqual({ headline, problems: [] });
    expect([...given.keys()]).toEqual(["n"]);
  });

  it("need not be there, nor need a revision", () => {
    expect(takeHeadline(new Map([["n", "20"]]))).toEqual({ headline: null, problems: [] });
    const headline = headlineOf(result(MEANS, { revision: null }), "0.1.0");
    expect(takeHeadline(new Map(headlinePairs(headline)))).toEqual({ headline, problems: [] });
  });

  it("of version 0.1 has the weights' hash alone", () => {
    const old = new Map(GOOD);
    for (const name of ["config_sha256", "tokenizer_sha256"]) old.delete(name);
    const { headline, problems } = takeHeadline(old);
    expect(problems).toEqual([]);
    expect(headline).not.toHaveProperty("config_sha256");
    expect(compareHeadline(headline as Headline, result(MEANS), "0.1.0")).toMatchObject({
      agrees: true,
      verdict: expect.not.stringContaining("Still"),
    });
  });

  it("takes a condition named like Object's own for a name", () => {
    const { headline } = takeHeadline(new Map([...GOOD, ["means", "__proto__:1;clean:2"]]));
    expect(Object.entries(headline?.means ?? {})).toEqual([
      ["__proto__", 1],
      ["clean", 2],
    ]);
  });
});

describe("a bad headline is refused by the part's name", () => {
  it.each([
    ["app", "1.0"],
    ["app", "<b>1.0.0</b>"],
    ["app", `0.1.0-${"x".repeat(50)}`],
    ["sha256", "5c"],
    ["sha256", "G".repeat(64)],
    ["sha256", SHA256.toUpperCase()],
    ["config_sha256", "C0"],
    ["tokenizer_sha256", ""],
    ["revision", "main"],
    ["revision", ""],
    ["means", ""],
    ["means", "clean"],
    ["means", "clean:"],
    ["means", ":1"],
    ["means", "clean:NaN"],
    ["means", "clean:Infinity"],
    ["means", "clean:0x10"],
    ["means", "clean: 1"],
    ["means", "clean:1;"],
    ["means", "clean:1;clean:2"],
    ["means", `${"x".repeat(61)}:1`],
    ["means", `clean:${"9".repeat(400)}`],
    ["means", "cl\u202eean:1"],
    ["means", "a:1;".repeat(600)],
    ["means", Array.from({ length: 41 }, (_, i) => `c${i}:1`).join(";")],
  ])("%s = %o", (field, text) => {
    const { headline, problems } = takeHeadline(new Map([...GOOD, [field, text]]));
    expect(headline).toBeNull();
    expect(problems.map((problem) => problem.field)).toEqual([field]);
    expect(problems[0]?.message.length).toBeLessThan(200);
  });

  it.each(["app", "sha256", "means"])("%s missing", (field) => {
    const given = new Map(GOOD);
    given.delete(field);
    expect(takeHeadline(given).problems).toEqual([
      { field, message: "missing, but the link has other parts of a stored result" },
    ]);
  });
});

describe("compared with the replay", () => {
  const stored: Headline = headlineOf(result({ clean: 3.2874, patched: 2.9462 }), "0.1.0");
  const compare = (means: Record<string, number>, origin = {}, app = "0.1.0") =>
    compareHeadline(stored, result(means, origin), app);

  it("agrees within the rounding of another device", () => {
    const { agrees, verdict } = compare({ clean: 3.28745, patched: 2.94612 });
    expect(agrees).toBe(true);
    expect(verdict).toBe(
      "This result agrees with the one stored in the link, to the 0.0001 that float32 may differ by on another device.",
    );
  });

  it("allows for the rounding of large figures", () => {
    const large = headlineOf(result({ clean: 123_456.7 }), "0.1.0");
    expect(large.means.clean).toBe(123_457);
    expect(compareHeadline(large, result({ clean: 123_456.7 }), "0.1.0").agrees).toBe(true);
  });

  it("names the weights before the page's version", () => {
    const other = { sha256: "ab".repeat(32), revision: null };
    const { agrees, verdict, rows } = compare({ clean: 1.5, patched: 2.9462 }, other, "0.2.0");
    expect(agrees).toBe(false);
    expect(verdict).toMatch(
      /in 1 of 2 conditions\. The likely cause: other weights, SHA-256 5c5c5c5c… in the link and abababab… here; another revision of the model, 607a30d7… in the link and none here; another version of this page/,
    );
    expect(rows.map((row) => row.agrees)).toEqual([false, true]);
  });

  it.each([
    [
      "config_sha256",
      /The likely cause: another configuration, SHA-256 c0c0c0c0… in the link and abababab… here\.$/,
    ],
    [
      "tokenizer_sha256",
      /The likely cause: another tokenizer, SHA-256 70707070… in the link and abababab… here\.$/,
    ],
  ])("knows the same weights with another %s for another model", (part, cause) => {
    const { verdict } = compare({ clean: 1.5, patched: 2.9462 }, { [part]: "ab".repeat(32) });
    expect(verdict).toMatch(cause);
  });

  it("finds no excuse where all else is the same", () => {
    expect(compare({ clean: 3.2876, patched: 2.9462 }).verdict).toMatch(/the link may have been changed/);
  });

  it("counts a condition that is not here as a difference, and not one that the link does not have", () => {
    const { agrees, rows } = compare({ clean: 3.2874, patched: 2.9462, "projected on random directions": 1 });
    expect(agrees).toBe(true);
    expect(rows.map(({ condition }) => condition)).toEqual(["clean", "patched"]);
    expect(compare({ clean: 3.2874, projected: 1 }).rows.filter((row) => !row.agrees)).toEqual([
      { condition: "patched", stored: 2.9462, here: null, agrees: false },
    ]);
  });

  it("mentions other weights even where the means agree", () => {
    const { agrees, verdict } = compare({ clean: 3.2874, patched: 2.9462 }, { sha256: "ab".repeat(32) });
    expect(agrees).toBe(true);
    expect(verdict).toMatch(/Still: other weights/);
  });
});
