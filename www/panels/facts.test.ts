import { expect, it } from "vitest";
import type { PageResult } from "../result.ts";
import { modelEntries, timingEntries } from "./facts.ts";

const SHA256 = "248dfc3911869ec493c76e65bf2fcf7f615828b0254c12b473182f0f81d3a707";
const ORIGIN: PageResult["origin"] = {
  from: "network",
  sha256: SHA256,
  bytes: 548_105_171,
  revision: "607a30d783dfa663caf39e06633721c8d4cfcd7e",
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
  expect(entries).toContainEqual(["SHA-256", "248dfc39…", SHA256]);
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
