// The smallest valid checkpoints and tokenizers, as the fuzz targets read them, into fuzz/corpus/.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const CONFIG = JSON.stringify({
  model_type: "gpt2",
  n_layer: 1,
  n_head: 1,
  n_embd: 2,
  n_ctx: 2,
  vocab_size: 3,
  layer_norm_epsilon: 1e-5,
});

const SHAPES = {
  "wte.weight": [3, 2],
  "wpe.weight": [2, 2],
  "h.0.ln_1.weight": [2],
  "h.0.ln_1.bias": [2],
  "h.0.attn.c_attn.weight": [2, 6],
  "h.0.attn.c_attn.bias": [6],
  "h.0.attn.c_proj.weight": [2, 2],
  "h.0.attn.c_proj.bias": [2],
  "h.0.ln_2.weight": [2],
  "h.0.ln_2.bias": [2],
  "h.0.mlp.c_fc.weight": [2, 8],
  "h.0.mlp.c_fc.bias": [8],
  "h.0.mlp.c_proj.weight": [8, 2],
  "h.0.mlp.c_proj.bias": [2],
  "ln_f.weight": [2],
  "ln_f.bias": [2],
};

/** A checkpoint in the target's form: kind, config, header, liar's length, chunk, data. */
function checkpoint({ dtype, size, mask, metadata, chunk }) {
  const header = metadata ? { __metadata__: { format: "pt" } } : {};
  let end = 0;
  const add = (name, dtype, shape, size) => {
    const bytes = shape.reduce((product, n) => product * n, size);
    header[name] = { dtype, shape, data_offsets: [end, end + bytes] };
    end += bytes;
  };
  for (const [name, shape] of Object.entries(SHAPES)) add(name, dtype, shape, size);
  if (mask) add("h.0.attn.bias", "BOOL", [1, 1, 2, 2], 1);
  const part = (text) => {
    const bytes = Buffer.from(text);
    const length = Buffer.alloc(2);
    length.writeUInt16LE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  return Buffer.concat([
    Buffer.from([0]),
    part(CONFIG),
    part(JSON.stringify(header)),
    Buffer.from([0, chunk]),
    Buffer.alloc(end, 1),
  ]);
}

function tokenizer(model, added) {
  return JSON.stringify({
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true },
    post_processor: null,
    decoder: null,
    model: { type: "BPE", unk_token: null, ...model },
  });
}

const end = {
  content: "<|endoftext|>",
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
};
const vocab = { a: 0, b: 1, Ġ: 2, ab: 3, Ġab: 4 };
const seeds = {
  loader: {
    f32: checkpoint({ dtype: "F32", size: 4, mask: false, metadata: true, chunk: 7 }),
    f16: checkpoint({ dtype: "F16", size: 2, mask: true, metadata: false, chunk: 1 }),
    bf16: checkpoint({ dtype: "BF16", size: 2, mask: false, metadata: false, chunk: 0 }),
    edited: Buffer.from([1, ...Array.from({ length: 63 }, (_, i) => i)]),
  },
  tokenizer: {
    pairs: tokenizer(
      {
        vocab,
        merges: [
          ["a", "b"],
          ["Ġ", "ab"],
        ],
      },
      [{ id: 5, ...end }],
    ),
    parts: `${JSON.stringify({ ...vocab, "<|endoftext|>": 5 })}\0#version: 0.2\na b\nĠ ab\n`,
    index: JSON.stringify({ metadata: {}, weight_map: { "wte.weight": "model-00001-of-00001.safetensors" } }),
    lines: tokenizer({ vocab: { ...vocab, "<|endoftext|>": 5 }, merges: ["#version: 0.2", "a b"] }, []),
  },
};
for (const [target, files] of Object.entries(seeds)) {
  const folder = join(import.meta.dirname, "corpus", target);
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
}
