// A model's small files, and which of the files that it may consist of are there.

import { isNamed, messageOf, NamedError } from "../door/errors.ts";
import type { ModelSource } from "../door/sources.ts";
import { CONFIG, MERGES, onlyPytorch, PYTORCH, TOKENIZER, VOCABULARY } from "../files/file-names.ts";
import type { FileProgress, ModelFiles } from "../files/model-files.ts";
import { smallFilesOf } from "../files/pins.ts";
import { Missing } from "../files/refusals.ts";
import type { OpenHash } from "../files/storage/kept-file.ts";
import { FileReports } from "./load-reports.ts";
import { cpuPackage } from "./packages.ts";
import type { Reading } from "./read-model.ts";

/** More than any has, in bytes. */
const MOST = { config: 1 << 20, tokenizer: 64 << 20 };

/** `work` with a hash, and with what makes others. */
export async function withHash<T>(work: (hash: OpenHash, newHash: () => OpenHash) => Promise<T>): Promise<T> {
  const { Sha256 } = await cpuPackage();
  const hash = new Sha256();
  try {
    return await work(hash, () => new Sha256());
  } finally {
    hash.free();
  }
}

export function readConfig(files: ModelFiles, reading: Reading): Promise<Uint8Array> {
  return readWhole(files, CONFIG, reading, MOST.config);
}

/** tokenizer.json, or what says the same. */
export function readTokenizer(files: ModelFiles, reading: Reading): Promise<Uint8Array> {
  const read = (name: string) => readWhole(files, name, reading, MOST.tokenizer);
  const fromVocabulary = async () => {
    const { tokenizerFromVocabulary } = await cpuPackage();
    return tokenizerFromVocabulary(await read(VOCABULARY), await read(MERGES));
  };
  return firstOf(files, [
    [TOKENIZER, () => read(TOKENIZER)],
    [VOCABULARY, fromVocabulary],
  ]);
}

/** Of alternatives, the first that is there. What is kept comes first, so that a start needs no network. */
export async function firstOf<T>(files: ModelFiles, choices: [string, () => Promise<T>][]): Promise<T> {
  const known = await Promise.all(choices.map(([name]) => files.has(name)));
  const order = [true, null].flatMap((has) => choices.filter((_, i) => known[i] === has));
  let missing: unknown;
  for (const [name, read] of order) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof Missing && error.file === name)) throw error;
      missing ??= error;
    }
  }
  throw missing;
}

/** Throws what to do where the weights are there for PyTorch only. */
export async function checkPytorch(files: ModelFiles): Promise<void> {
  for (const name of PYTORCH) {
    if (await files.has(name, { ask: true }))
      throw new NamedError("BadModel", onlyPytorch(name), { field: "model" });
  }
}

export async function sha256Of(bytes: Uint8Array): Promise<string> {
  return withHash(async (hash) => {
    hash.update(bytes);
    return hash.hex();
  });
}

/** A known model's small files are compared like its weights, and fetched again without them. */
export async function checkKnown(
  files: ModelFiles,
  source: ModelSource,
  config: string,
  tokenizer: Uint8Array,
): Promise<void> {
  const known = source.kind === "url" ? smallFilesOf(source.base) : null;
  if (known === null) return;
  const { checkSmallFiles } = await cpuPackage();
  try {
    checkSmallFiles(known, config, tokenizer);
  } catch (error) {
    if (!isNamed(error, "BadModel")) throw error;
    files.discard([CONFIG, TOKENIZER]);
    const message = `${messageOf(error)}. It was dropped; run again to fetch it again.`;
    throw new NamedError("VerifyError", message, { again: true });
  }
}

/** A small file as a whole; `most` is more than any has, in bytes. */
export async function readWhole(
  files: ModelFiles,
  name: string,
  reading: Reading,
  most: number,
): Promise<Uint8Array> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const reports = new FileReports(reading, () => "");
  const report = (progress: FileProgress) => reports.add(progress);
  await withHash(async (hash, newHash) => {
    const job = { name, signal: reading.signal, hash, newHash, promised: () => null, report };
    for await (const chunk of files.read(job)) {
      size += chunk.byteLength;
      if (size > most) {
        throw new NamedError(
          "BadModel",
          `${name} has more than ${most} bytes, which no GPT-2's has. Take the file of that name from the model's repository.`,
        );
      }
      parts.push(chunk.slice());
    }
  });
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
