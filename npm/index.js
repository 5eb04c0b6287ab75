// Patchbay as a package: a model from files, and questions put to it by name. It works in Node and in a browser, on the thread
// that calls it; a page that is to stay alive meanwhile imports it in a worker.

import start, * as crate from "./cpu/patchbay.js";
import { filesOf } from "./files.js";

/** Weights are given to the program in pieces of so many bytes, and a step of a job lets others in after so many milliseconds. */
const PIECE = 4 << 20;
const BREATH_MS = 20;

/** The toy model that comes with the package. */
export const MINI = new URL("./models/ioi-mini/", import.meta.url);

let ready;
const program = () =>
  (ready ??= start({
    module_or_path: filesOf(new URL("./cpu/", import.meta.url)).whole("patchbay_bg.wasm"),
  }));

/** Every question that can be asked by texts, with its fields. */
export async function schemas() {
  await program();
  return crate.schemas();
}

/** A figure's numbers as comma-separated values. */
export async function csv(frame) {
  await program();
  return crate.csv(frame);
}

/** A model: from a folder or an address, or from the bytes of its files by name. */
export async function open(source = MINI, { signal, progress } = {}) {
  await program();
  const files = filesOf(source, signal);
  const config = new TextDecoder().decode(await files.whole("config.json"));
  const device = crate.Device.cpu();
  const loader = new crate.ModelLoader(device, config, await tokenizer(files));
  try {
    loader.makeRoom();
    for (const name of await weights(files)) {
      if (name !== "model.safetensors") loader.nextFile(name);
      let bytes = 0;
      for await (const chunk of files.chunks(name))
        for (let at = 0; at < chunk.length; at += PIECE) {
          signal?.throwIfAborted();
          const piece = chunk.subarray(at, at + PIECE);
          loader.push(piece);
          bytes += piece.length;
          progress?.({ step: `reading ${name}`, done: bytes, total: null });
        }
    }
    loader.checkWhole();
  } catch (error) {
    loader.free();
    throw error;
  }
  return new Model(await loader.finish());
}

async function tokenizer(files) {
  if (await files.has("tokenizer.json")) return files.whole("tokenizer.json");
  return crate.tokenizerFromVocabulary(await files.whole("vocab.json"), await files.whole("merges.txt"));
}

async function weights(files) {
  if (await files.has("model.safetensors")) return ["model.safetensors"];
  return crate.shardFiles(await files.whole("model.safetensors.index.json"));
}

export class Model {
  #model;

  constructor(model) {
    this.#model = model;
    this.info = model.info();
    this.notes = model.notes();
  }

  /** What a question costs in floating point operations, without asking it. */
  cost(question) {
    const job = this.#plan(question);
    try {
      return job.cost();
    } finally {
      job.free();
    }
  }

  /** Asks, step by step. `signal` cancels between two steps; `partial` gets what there is so far. */
  async ask(question, { signal, progress, partial } = {}) {
    const job = this.#plan(question);
    try {
      let breathed = performance.now();
      for (let finished = false; !finished; ) {
        signal?.throwIfAborted();
        const step = await job.next();
        finished = step.finished;
        progress?.(step);
        if (performance.now() - breathed > BREATH_MS) {
          const sofar = partial && !finished ? job.report() : null;
          if (sofar) partial(sofar);
          await new Promise((done) => setTimeout(done));
          breathed = performance.now();
        }
      }
      signal?.throwIfAborted();
      const parts = job.file({});
      return { result: job.result(), report: job.report(), ...(parts && { file: new Blob(parts) }) };
    } finally {
      job.free();
    }
  }

  /** Texts of a form are read as the page reads them; a spec is taken as it is. */
  #plan(question) {
    if ("spec" in question) return this.#model.job(question.spec);
    const { spec, problems } = this.#model.read(question.analysis, question.texts ?? {});
    if (spec !== null) return this.#model.job(spec);
    const error = new Error(problems.map(({ field, message }) => `${field}: ${message}`).join("; "));
    throw Object.assign(error, { name: "BadInput", problems });
  }

  /** Gives the model's memory back. */
  free() {
    this.#model.free();
  }
}
