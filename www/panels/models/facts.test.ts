import { expect, it } from "vitest";
import type { ModelOrigin } from "../../door/protocol.ts";
import { deviceEntries, modelEntries, timingEntries } from "./facts.tsx";

const SHA256 = "248dfc3911869ec493c76e65bf2fcf7f615828b0254c12b473182f0f81d3a707";
const ORIGIN: ModelOrigin = {
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

const answer = (origin: Partial<ModelOrigin>, more: object = {}) =>
  ({
    reply: {
      origin: { ...ORIGIN, ...origin },
      model: { n_layer: 12, n_head: 12, d_model: 768, parameters: 124_439_808 },
      timings_ms: { load: 46_000, run: 33_000 },
      device: { device: "cpu", adapter: "", self_check: null },
      note: null,
      ...more,
    },
  }) as never;

it("says which weights these are and where they came from, with the hash in full", () => {
  const entries = modelEntries(answer({}));
  expect(entries).toContainEqual(["from", "the network"]);
  expect(entries).toContainEqual(["revision", "607a30d7…", ORIGIN.revision]);
  expect(entries).toContainEqual(["weights", "548 MB"]);
  expect(entries).toContainEqual(["parameters", "124,439,808"]);
  expect(entries).toContainEqual(["SHA-256 of weights", "248dfc39…", SHA256]);
  expect(entries).toContainEqual(["SHA-256 of configuration", "abababab…", "ab".repeat(32)]);
  expect(entries).toContainEqual(["SHA-256 of tokenizer", "cdcdcdcd…", "cd".repeat(32)]);
});

it("leaves out a revision that nobody knows, and says why a model was not kept", () => {
  const entries = modelEntries(answer({ revision: null, unstored: "No room." }));
  expect(entries.map(([term]) => term)).not.toContain("revision");
  expect(entries).toContainEqual(["note", "No room."]);
});

it("breaks down the time of loading", () => {
  expect(timingEntries(answer({}))).toEqual([
    ["load", "46.0 s, files included"],
    ["of which", "network 40.1 s · SHA-256 1.4 s · processing 2.5 s"],
    ["run", "33.0 s"],
  ]);
  expect(timingEntries(answer({ from: "memory", load_ms: null }))[0]).toEqual([
    "load",
    "model already in memory",
  ]);
});

it("says what a GPU's figures were held against, and why it is none", () => {
  const self_check = { passed: true, max_difference: 0.00012, tolerance: 0.01 };
  const gpu = answer({}, { device: { device: "gpu", adapter: "Apple", self_check } });
  expect(deviceEntries(gpu)).toContainEqual([
    "self-check",
    "passed: GPU and CPU differ by at most 1.20e-4 (allowed 0.01)",
  ]);
  expect(deviceEntries(answer({}, { note: "no GPU was found" }))).toContainEqual([
    "note",
    "no GPU was found",
  ]);
});
