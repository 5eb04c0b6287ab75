import { describe, expect, it } from "vitest";
import type { DecompositionResult, DecompositionSpec } from "../../pkg/cpu/patchbay.js";
import { accountingText, partName, placeOfComponent, valueText } from "./decompose-text.ts";

const SPEC = { include_S1_in_unembed_projection: true } as DecompositionSpec;

it("has a place for every component of two layers of two heads", () => {
  const places = Array.from({ length: 11 }, (_, i) => placeOfComponent(i, { layers: 2, heads: 2 }));
  expect(places.map(({ row, column }) => `${row}.${column}`)).toEqual(
    // bias, W_E, W_pos; MLP_0, MLP_1; 0.0, 0.1, 1.0, 1.1; b_O_0, b_O_1
    ["0.2", "0.0", "0.1", "1.2", "2.2", "1.0", "1.1", "2.0", "2.1", "1.3", "2.3"],
  );
});

it("calls parts by what they are of", () => {
  expect(partName("unchanged", SPEC)).toBe("contribution");
  expect(partName("MLP0_dir|unchanged", SPEC)).toBe("key along MLP_0");
  expect(partName("IO_perp|MLP0_dir", SPEC)).toBe(
    "query perpendicular to W_U[IO] and W_U[S], key along MLP_0",
  );
});

describe("whether it adds up", () => {
  const result = (holds: boolean, normalization = 0) =>
    ({
      prompts: 20,
      accounting: { measured: 1, sum: 1.5, normalization, miss: 0.5, relative_miss: 0.5, holds },
    }) as DecompositionResult;

  it("is said", () => {
    expect(accountingText(result(true))).toMatch(/^All contributions, .* sum to 1\.5000; .* they add up\.$/);
    expect(accountingText(result(true, 0.25))).toMatch(/LN's normalization \(0\.2500\)/);
  });

  it("is said first where it does not", () => {
    expect(accountingText(result(false))).toMatch(/^This decomposition is wrong\. .*1e-4 at most\.$/);
  });
});

it("prints no sign of what is rounded to nothing", () => {
  expect(valueText(-0.0004)).toBe("0.000");
  expect(valueText(-0.004, 2)).toBe("0.00");
  expect(valueText(-0.04, 2)).toBe("-0.04");
});
