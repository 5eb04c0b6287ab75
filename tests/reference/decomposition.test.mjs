// Every decomposition and linear function of the reference's file, by the native command. `npm test` runs this with
// REFERENCE set, as reference.test.mjs.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { makeCheckpoint } from "../../scripts/lib/reference.mjs";
import { figures as experimentFigures, native } from "./figures.mjs";

const REFERENCE = process.env.REFERENCE;
// Both sides are float32; the reference's file has six decimals.
const TOLERANCE = 1e-5;

const FIGURES = JSON.parse(readFileSync(join(REFERENCE, "reference", "decomposition-tiny-0.json"), "utf8"));

function assertNear(found, wanted, what) {
  assert.equal(Array.isArray(found), Array.isArray(wanted), what);
  if (Array.isArray(wanted)) {
    assert.equal(found.length, wanted.length, what);
    for (const [i, value] of wanted.entries()) assertNear(found[i], value, `${what}[${i}]`);
  } else {
    assert.ok(Math.abs(found - wanted) <= TOLERANCE, `${what}: found ${found}, expected ${wanted}`);
  }
}

/** The options for an entry's settings. */
function options(entry) {
  const args = [];
  for (const vector of [entry.intervene_on_query, entry.intervene_on_key].filter(Boolean)) {
    const option = vector.startsWith("sub") ? "--substitute" : "--project";
    args.push(option, vector.endsWith("MLP0") ? "mlp0" : "w-u-io");
  }
  if (entry.subtract_S1) args.push("--minus-s1");
  if (entry.include_S1_in_unembed_projection) args.push("--with-s");
  return args;
}

function assertAddsUp({ accounting }) {
  assert.ok(accounting.holds, JSON.stringify(accounting));
  assert.ok(Math.abs(accounting.sum - accounting.measured) < TOLERANCE, JSON.stringify(accounting));
}

describe("tiny-0, head 2.1, 20 prompts", () => {
  const { layer, head } = FIGURES.model;
  const { N, seed } = FIGURES.dataset;
  let model;
  before(async () => {
    model = await makeCheckpoint(REFERENCE, "tiny");
  });
  const ask = (command, ...args) => {
    const dataset = ["-n", `${N}`, "--seed", `${seed}`, "--no-symmetric"];
    const at = ["--model", model, "--layer", `${layer}`, "--head", `${head}`, "--device", "cpu"];
    return native(command, ...at, ...dataset, ...args);
  };

  for (const entry of FIGURES.decompose_attn_scores) {
    const { contributions, ...settings } = entry;
    const args = ["--by", entry.decompose_by, ...options(entry)];
    test(`decompose ${args.join(" ")}`, async () => {
      const found = await ask("decompose", ...args);
      for (const [name, value] of Object.entries(settings)) assert.equal(found[name], value, name);
      assert.deepEqual(Object.keys(found.contributions), Object.keys(contributions));
      for (const [label, wanted] of Object.entries(contributions))
        assertNear(found.contributions[label], wanted, label);
      assertAddsUp(found);
    });
  }

  for (const entry of FIGURES.decompose_attn_scores_full) {
    const args = ["--full", ...options(entry)];
    test(`decompose ${args.join(" ")}`, async () => {
      const found = await ask("decompose", ...args);
      assert.deepEqual(found.shape, entry.shape);
      assertNear(found.values, entry.values, "values");
      assertAddsUp(found);
    });
  }

  for (const entry of FIGURES.linear_functions) {
    const args = ["--of", entry.func, ...options(entry)];
    if (entry.only_effective_embeddings) {
      assert.equal(entry.only_effective_embeddings, "W_E (including MLPs)");
      args.push("--effective-embedding", "w-ee");
    }
    test(`linear ${args.join(" ")}`, async () => {
      const found = await ask("linear", ...args);
      const first16 = found.linear_map.map((map) => map.slice(0, 16));
      assertNear(first16, entry.linear_map_first16, "linear_map");
      assertNear(found.linear_map_norm, entry.linear_map_norm, "linear_map_norm");
      assertNear(found.bias, entry.bias, "bias");
    });
  }
});

// The four tokens of the reference's files.
const NAMES = [" Alex", " Anthony", " Connor", " Roman"];

for (const shape of ["tiny", "small"]) {
  test(`embed: effective embeddings of ${shape}-0`, async () => {
    const { token_ids, ...wanted } = experimentFigures(REFERENCE, `${shape}-0`).effective_embedding;
    const model = await makeCheckpoint(REFERENCE, shape);
    const args = ["--model", model, "--device", "cpu", "--nearest", "0", ...NAMES];
    const found = await native("embed", ...args);
    assert.deepEqual(found.token_ids, token_ids);
    assert.deepEqual(Object.keys(found.effective_embedding).sort(), Object.keys(wanted).sort());
    for (const [space, vectors] of Object.entries(wanted)) {
      const first16 = found.effective_embedding[space].map((vector) => vector.slice(0, 16));
      assertNear(first16, vectors, space);
    }
  });
}
