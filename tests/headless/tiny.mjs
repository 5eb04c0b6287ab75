// The tiny model: its files as they are, and as others keep the same.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../scripts/lib/run.mjs";

export const TINY = join(ROOT, "tests", "fixtures", "tiny");
export const NAMES = ["config.json", "tokenizer.json", "model.safetensors"];
export const FILES = Object.fromEntries(NAMES.map((name) => [name, readFileSync(join(TINY, name))]));
export const WEIGHTS = FILES["model.safetensors"];

export const without = (...names) =>
  Object.fromEntries(Object.entries(FILES).filter(([name]) => !names.includes(name)));

/** The weights, or what is put for them, with the last bit inverted, which no loader minds. */
export function otherWeights() {
  const other = Buffer.from(WEIGHTS);
  other[other.length - 1] ^= 1;
  return other;
}

/** The configuration with other entries. */
export const configWith = (entries) =>
  Buffer.from(JSON.stringify({ ...JSON.parse(FILES["config.json"]), ...entries }));

/** vocab.json and merges.txt for tokenizer.json. */
export function vocabulary() {
  const { vocab, merges } = JSON.parse(FILES["tokenizer.json"]).model;
  const lines = merges.map((pair) => [pair].flat().join(" "));
  return {
    "vocab.json": Buffer.from(JSON.stringify({ ...vocab, "<|endoftext|>": 608 })),
    "merges.txt": Buffer.from(`#version: 0.2\n${lines.join("\n")}\n`),
  };
}

/** A safetensors file. */
export function safetensors(header, ...data) {
  const text = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([size, text, ...data]);
}

/** Two files and their index for model.safetensors. */
export function shards() {
  const begin = 8 + Number(WEIGHTS.readBigUInt64LE());
  const { __metadata__, ...header } = JSON.parse(WEIGHTS.subarray(8, begin));
  const tensors = Object.entries(header);
  const half = tensors.length >> 1;
  const files = {};
  const weight_map = {};
  for (const [i, part] of [tensors.slice(0, half), tensors.slice(half)].entries()) {
    const name = `model-0000${i + 1}-of-00002.safetensors`;
    const own = {};
    const data = [];
    let at = 0;
    for (const [tensor, { dtype, shape, data_offsets }] of part) {
      const bytes = WEIGHTS.subarray(begin + data_offsets[0], begin + data_offsets[1]);
      own[tensor] = { dtype, shape, data_offsets: [at, at + bytes.length] };
      at += bytes.length;
      data.push(bytes);
      weight_map[tensor] = name;
    }
    files[name] = safetensors(own, ...data);
  }
  return { ...files, "model.safetensors.index.json": Buffer.from(JSON.stringify({ weight_map })) };
}

export const SETTINGS = ["--layer", "2", "--head", "1", "-n", "20", "--device", "cpu", "--json"];

/** The reference's figures with these settings; gives the result. */
export function assertFigures({ code, stdout, stderr }) {
  assert.equal(code, 0, stderr);
  const result = JSON.parse(stdout);
  const expected = JSON.parse(readFileSync(join(TINY, "expected.json"), "utf8")).frozen_ln.conditions;
  assert.deepEqual(Object.keys(result.conditions), Object.keys(expected));
  for (const [name, { mean_diff }] of Object.entries(expected))
    assert.ok(Math.abs(result.conditions[name].mean_diff - mean_diff) <= 1e-3, name);
  return result;
}

/** The last line of stderr says it; what was tried before has lines of its own. Nothing has the tests' secrets. */
export function assertRefused({ code, stdout, stderr }, expected, ...words) {
  assert.deepEqual([code, stdout], [expected, ""], stderr);
  for (const line of stderr.trimEnd().split("\n")) assert.match(line, /^patchbay: ./);
  const last = stderr.trimEnd().split("\n").at(-1);
  for (const each of words) assert.match(last, each);
  assert.doesNotMatch(stderr, /secret/);
}
