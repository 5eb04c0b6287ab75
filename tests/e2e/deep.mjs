// A model as deep as GPT-2 small, made of the tiny one's blocks, so that the notebook's head 10.7 exists.

import { readFileSync } from "node:fs";
import { join } from "node:path";

const LAYERS = 12;
const HEADS = 8;

/** The three files of the model, by name. */
export function deepModel(tiny) {
  const read = (name) => readFileSync(join(tiny, name));
  const config = JSON.parse(read("config.json"));
  return {
    "config.json": Buffer.from(JSON.stringify({ ...config, n_layer: LAYERS, n_head: HEADS })),
    "tokenizer.json": read("tokenizer.json"),
    "model.safetensors": deepen(read("model.safetensors"), config.n_layer),
  };
}

function deepen(bytes, layers) {
  const headerEnd = 8 + Number(bytes.readBigUInt64LE(0));
  const { __metadata__, ...tensors } = JSON.parse(bytes.subarray(8, headerEnd));
  const header = { __metadata__ };
  const parts = [];
  let at = 0;
  const add = (name, { data_offsets: [from, to], ...rest }) => {
    parts.push(bytes.subarray(headerEnd + from, headerEnd + to));
    header[name] = { ...rest, data_offsets: [at, at + to - from] };
    at += to - from;
  };
  for (const [name, tensor] of Object.entries(tensors)) {
    const block = /^h\.(\d+)\./.exec(name);
    if (block === null) add(name, tensor);
    else {
      for (let layer = Number(block[1]); layer < LAYERS; layer += layers)
        add(name.replace(block[0], `h.${layer}.`), tensor);
    }
  }
  const text = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([size, text, ...parts]);
}
