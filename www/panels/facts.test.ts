import { expect, it } from "vitest";
import type { PageResult } from "../result.ts";
import { controlEntries, keyEditRows, modelEntries, queryEditRows, timingEntries } from "./facts.ts";

const SHA256 = "248dfc3911869ec493c76e65bf2fcf7f615828b0254c12b473182f0f81d3a707";
const ORIGIN: PageResult["origin"] = {
  from: "network",
  sha256: SHA256,
  config_sha256: "ab".repeat(32),
  tokenizer_sha256: "cd".repeat(32),
  bytes: 548_105_171,
  revision: "607a30d783dfa663caf39e06633721c8d4cfcd7e",
  notes: [],
  unstored: null,
  load_ms: { network: 40_100, storage: 0, hash: 1400, process: 2500 },
};
const MODEL = { n_layer: 12, n_head: 12, d_model: 768, parameters: 124_439_808 } as Parameters<
  typeof modelEntries
>[1];

const result = (origin: Partial<PageResult["origin"]>) =>
  ({ origin: { ...ORIGIN, ...origin }, timings_ms: { load: 46_000, run: 33_000 } }) as PageResult;

it("says which weights these are and where they came from, with the hash in full", () => {
  const entries = modelEntries(result({}), MODEL);
  expect(entries).toContainEqual(["from", "the network"]);
  expect(entries).toContainEqual(["revision", "607a30d7…", ORIGIN.revision]);
  expect(entries).toContainEqual(["weights", "548 MB"]);
  expect(entries).toContainEqual(["SHA-256 of weights", "248dfc39…", SHA256]);
  expect(entries).toContainEqual(["SHA-256 of configuration", "abababab…", "ab".repeat(32)]);
  expect(entries).toContainEqual(["SHA-256 of tokenizer", "cdcdcdcd…", "cd".repeat(32)]);
});

it("leaves out a revision that nobody knows, and says why a model was not kept", () => {
  const entries = modelEntries(result({ revision: null, unstored: "No room." }), MODEL);
  expect(entries.map(([term]) => term)).not.toContain("revision");
  expect(entries).toContainEqual(["note", "No room."]);
});

it("breaks down the time of loading", () => {
  expect(timingEntries(result({}))).toEqual([
    ["load", "46.0 s, files included"],
    ["of which", "network 40.1 s · SHA-256 1.4 s · processing 2.5 s"],
    ["run", "33.0 s"],
  ]);
  expect(timingEntries(result({ from: "memory", load_ms: null }))[0]).toEqual([
    "load",
    "model already in memory",
  ]);
});

const KEYS = {
  mean_delta_k_input_io: 1,
  mean_delta_k_input_s1: 2,
  mean_delta_k_io: 3,
  mean_delta_k_s1: 0.12345,
};
const CONTROLS = {
  conditions: { clean: { diff: [1, 2] } },
  evidence: {
    edits: {
      "patched at END": { prompts_touched: 2, mean_delta_q_input: 0.5, mean_delta_q: 0 },
      "patched k_input": { prompts_touched: 1, mean_delta_q_input: 0, mean_delta_q: 0, keys: KEYS },
    },
    noops: { "no-op q_input": 0, "no-op k_input": 0.5 },
  },
  accuracy: null,
} as unknown as PageResult;

it("gives edits of keys figures of their own, a row a key", () => {
  expect(queryEditRows(CONTROLS)).toEqual([["patched at END", "2 of 2", "0.5", "0"]]);
  expect(keyEditRows(CONTROLS)).toEqual([
    ["patched k_input, key of IO", "1 of 2", "1", "3"],
    ["patched k_input, key of S1", "1 of 2", "2", "0.1235"],
  ]);
});

it("names each no-op, and one that changed something", () => {
  const [query, key] = controlEntries(CONTROLS);
  expect(query).toEqual(["no-op q_input control", "0: patching from the clean run itself changes no score"]);
  expect(key?.[1]).toMatch(/^0\.5: expected exactly 0\..*do not trust/);
});
