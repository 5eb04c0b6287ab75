// Models made of the tiny one: as deep as GPT-2 small, so that the notebook's head 10.7 exists; and a long one, whose
// download takes its time.

import { readFileSync } from "node:fs";
import { join } from "node:path";

const LAYERS = 12;
const HEADS = 8;

/** The three files of the model, by name. */
export function deepModel(tiny, heads = HEADS) {
  const file = (name) => readFileSync(join(tiny, name));
  const config = JSON.parse(file("config.json"));
  return {
    "config.json": Buffer.from(JSON.stringify({ ...config, n_layer: LAYERS, n_head: heads })),
    "tokenizer.json": file("tokenizer.json"),
    "model.safetensors": deepen(file("model.safetensors"), config.n_layer),
  };
}

function deepen(bytes, layers) {
  const { metadata, tensors } = read(bytes);
  const deep = tensors.flatMap(([name, tensor]) => {
    const block = /^h\.(\d+)\./.exec(name);
    if (block === null) return [[name, tensor]];
    const names = [];
    for (let layer = Number(block[1]); layer < LAYERS; layer += layers)
      names.push([name.replace(block[0], `h.${layer}.`), tensor]);
    return names;
  });
  return write(metadata, deep);
}

/** Times that the long model has every token. */
const TIMES = 164;

/**
 * The tiny model with so many copies of its vocabulary after it that its weights are 13 MB. The copies are never used and
 * leave the mean over the vocabulary as it is, so its figures are the tiny one's.
 */
export function longModel(tiny) {
  const config = JSON.parse(readFileSync(join(tiny, "config.json")));
  const { metadata, tensors } = read(readFileSync(join(tiny, "model.safetensors")));
  const vocab_size = TIMES * config.vocab_size;
  const long = tensors.map(([name, tensor]) => {
    if (name !== "wte.weight") return [name, tensor];
    const bytes = Buffer.concat(Array(TIMES).fill(tensor.bytes));
    return [name, { ...tensor, shape: [vocab_size, config.n_embd], bytes }];
  });
  return {
    "config.json": Buffer.from(JSON.stringify({ ...config, vocab_size })),
    "tokenizer.json": readFileSync(join(tiny, "tokenizer.json")),
    "model.safetensors": write(metadata, long),
  };
}

/** The tiny model as others save it: weights in two files, and the tokenizer as vocab.json and merges.txt. */
export function severalFiles(tiny) {
  const { metadata, tensors } = read(readFileSync(join(tiny, "model.safetensors")));
  const half = Math.ceil(tensors.length / 2);
  const parts = [tensors.slice(0, half), tensors.slice(half)];
  const nameOf = (i) => `model-0000${i + 1}-of-00002.safetensors`;
  const weight_map = Object.fromEntries(parts.flatMap((part, i) => part.map(([name]) => [name, nameOf(i)])));
  const { model } = JSON.parse(readFileSync(join(tiny, "tokenizer.json")));
  const merges = model.merges.map((merge) => (Array.isArray(merge) ? merge.join(" ") : merge));
  return {
    "config.json": readFileSync(join(tiny, "config.json")),
    "vocab.json": Buffer.from(JSON.stringify(model.vocab)),
    "merges.txt": Buffer.from(["#version: 0.2", ...merges, ""].join("\n")),
    "model.safetensors.index.json": Buffer.from(JSON.stringify({ metadata: {}, weight_map })),
    ...Object.fromEntries(parts.map((part, i) => [nameOf(i), write(metadata, part)])),
  };
}

/** A safetensors file as `[name, { dtype, shape, bytes }]`, in its order. */
function read(file) {
  const headerEnd = 8 + Number(file.readBigUInt64LE(0));
  const { __metadata__: metadata, ...header } = JSON.parse(file.subarray(8, headerEnd));
  const tensors = Object.entries(header).map(([name, { data_offsets, ...tensor }]) => {
    const [from, to] = data_offsets.map((offset) => headerEnd + offset);
    return [name, { ...tensor, bytes: file.subarray(from, to) }];
  });
  return { metadata, tensors };
}

function write(metadata, tensors) {
  const header = { __metadata__: metadata };
  let at = 0;
  for (const [name, { bytes, ...tensor }] of tensors) {
    header[name] = { ...tensor, data_offsets: [at, at + bytes.length] };
    at += bytes.length;
  }
  const text = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([size, text, ...tensors.map(([, { bytes }]) => bytes)]);
}
