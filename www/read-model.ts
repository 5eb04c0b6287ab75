// A model's files into the wasm, in the order in which mistakes are cheap: the small files and what they rule out
// come before the first byte of the weights.

import type { Model } from "../pkg/cpu/patchbay.js";
import { fromGpu } from "./adapter.ts";
import { CANCELLED, isNamed, messageOf, NamedError } from "./errors.ts";
import { freeQuietly } from "./fatal.ts";
import { FolderFiles } from "./files/folder-files.ts";
import type { OpenHash } from "./files/kept-file.ts";
import type { FileJob, FileProgress, ModelFiles } from "./files/model-files.ts";
import { smallFilesOf } from "./files/pins.ts";
import { withModelFolder } from "./files/store.ts";
import { timed } from "./files/times.ts";
import { StartOver } from "./files/transient.ts";
import { UrlFiles } from "./files/url-files.ts";
import { breathe, every, Rate } from "./pace.ts";
import { cpuPackage, gpuPackage, type Patchbay } from "./packages.ts";
import type { LoadStep, ModelOrigin, Report } from "./protocol.ts";
import { type ModelFile, type ModelSource, sourceKey } from "./sources.ts";

export interface Reading {
  source: ModelSource;
  /** Layer and head that the model must have; null for any. */
  head: readonly [number, number] | null;
  device: "cpu" | "gpu";
  signal: AbortSignal;
  report: Report;
  /** Called when the small files are good and the weights' bytes are about to come. */
  coming: () => void;
}

export interface ReadModel {
  model: Model;
  origin: ModelOrigin;
}

type Loader = InstanceType<Patchbay["ModelLoader"]>;

export async function readModel(reading: Reading): Promise<ReadModel> {
  const { source, signal } = reading;
  const { loader, origin } = await withFiles(reading, (files) => readFiles(files, reading));
  const onGpu = reading.device === "gpu";
  say(
    reading,
    onGpu ? "compile" : "process",
    onGpu ? "warming up the GPU and checking it against the CPU" : "preparing the model",
  );
  await breathe();
  if (signal.aborted) {
    freeQuietly(loader);
    signal.throwIfAborted();
  }
  const revision = source.kind === "folder" ? null : source.revision;
  // Consumes the loader, whatever comes of it.
  const finished = loader.finish();
  return { model: await (onGpu ? fromGpu("work", finished) : finished), origin: { ...origin, revision } };
}

/** `work` with the model's files, which no other tab touches meanwhile. */
async function withFiles<T>(reading: Reading, work: (files: ModelFiles) => Promise<T>): Promise<T> {
  const { source, signal } = reading;
  if (source.kind === "folder") return work(new FolderFiles(source));
  if (source.kind === "site") return work(new UrlFiles(source, null));
  const waiting = () => say(reading, "wait", "another tab is reading this model");
  const key = await storeKey(source);
  return withModelFolder({ key, signal, waiting, work: (folder) => work(new UrlFiles(source, folder)) });
}

/** A folder's name for the source: an address may hold any character, and any number of them. */
async function storeKey(source: ModelSource): Promise<string> {
  return (await sha256Of(new TextEncoder().encode(sourceKey(source)))).slice(0, 32);
}

async function hashes(): Promise<() => OpenHash> {
  const { Sha256 } = await cpuPackage();
  return () => new Sha256();
}

interface Pushed {
  loader: Loader;
  origin: Omit<ModelOrigin, "revision">;
}

async function readFiles(files: ModelFiles, reading: Reading): Promise<Pushed> {
  for (;;) {
    try {
      return await pushAll(files, reading);
    } catch (error) {
      if (error instanceof StartOver) continue;
      // What the wasm refuses once, it would refuse again: only another copy can be better.
      if (isNamed(error, "BadModel")) {
        files.discard();
        const message = [messageOf(error), files.kept()].filter(Boolean).join(". ");
        if (files.from !== "folder") throw new NamedError("BadModel", message, { again: true });
      }
      if (isNamed(error, CANCELLED)) throw new NamedError(CANCELLED, `Cancelled. ${files.kept()}`.trim());
      throw error;
    }
  }
}

async function pushAll(files: ModelFiles, reading: Reading): Promise<Pushed> {
  const { loader, smallHashes } = await openLoader(files, reading);
  const newHash = await hashes();
  const hash = newHash();
  try {
    const bytes = await pushWeights(loader, { hash, newHash }, files, reading);
    const { from, unstored, times } = files;
    return { loader, origin: { from, unstored, bytes, sha256: hash.hex(), ...smallHashes, load_ms: times } };
  } catch (error) {
    freeQuietly(loader);
    throw error;
  } finally {
    hash.free();
  }
}

interface Opened {
  loader: Loader;
  smallHashes: Pick<ModelOrigin, "config_sha256" | "tokenizer_sha256">;
}

async function openLoader(files: ModelFiles, reading: Reading): Promise<Opened> {
  const { device, signal } = reading;
  const config = await readWhole(files, "config.json", reading, 1 << 20);
  const tokenizer = await readWhole(files, "tokenizer.json", reading, 64 << 20);
  const configText = new TextDecoder().decode(config);
  await checkKnown(files, reading.source, configText, tokenizer);
  if (device === "gpu") say(reading, "fetch", "the GPU's program");
  const { Device, ModelLoader } = device === "gpu" ? await gpuPackage() : await cpuPackage();
  signal.throwIfAborted();
  const target = device === "gpu" ? await fromGpu("device", Device.gpu()) : Device.cpu();
  signal.throwIfAborted();
  const smallHashes = { config_sha256: await sha256Of(config), tokenizer_sha256: await sha256Of(tokenizer) };
  return { loader: new ModelLoader(target, configText, tokenizer), smallHashes };
}

async function sha256Of(bytes: Uint8Array): Promise<string> {
  const hash = (await hashes())();
  try {
    hash.update(bytes);
    return hash.hex();
  } finally {
    hash.free();
  }
}

/** A known model's small files are compared like its weights, and fetched again without them. */
async function checkKnown(
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
    files.discard(["config.json", "tokenizer.json"]);
    const message = `${messageOf(error)}. It was dropped; run again to fetch it again.`;
    throw new NamedError("VerifyError", message, { again: true });
  }
}

/** A small file as a whole; `most` is more than any has, in bytes. */
async function readWhole(
  files: ModelFiles,
  name: ModelFile,
  reading: Reading,
  most: number,
): Promise<Uint8Array> {
  const newHash = await hashes();
  const hash = newHash();
  const parts: Uint8Array[] = [];
  let size = 0;
  const reports = new FileReports(reading, () => "");
  try {
    for await (const chunk of files.read({
      name,
      signal: reading.signal,
      hash,
      newHash,
      promised: () => null,
      report: (progress) => reports.add(progress),
    })) {
      size += chunk.byteLength;
      if (size > most) {
        throw new NamedError(
          "BadModel",
          `${name} has more than ${most} bytes, which no GPT-2's has. Take the file of that name from the model's repository.`,
        );
      }
      parts.push(chunk.slice());
    }
  } finally {
    hash.free();
  }
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.byteLength;
  }
  return whole;
}

/** Answers with the number of bytes. */
async function pushWeights(
  loader: Loader,
  hashing: Pick<FileJob, "hash" | "newHash">,
  files: ModelFiles,
  reading: Reading,
): Promise<number> {
  const { head, signal, coming } = reading;
  if (head !== null) loader.checkHead(...head);
  coming();
  let pushed: ReturnType<Loader["push"]> = { bytes: 0, total: null, tensor: "" };
  const reports = new FileReports(reading, () => pushed.tensor);
  const job = {
    name: "model.safetensors",
    signal,
    ...hashing,
    // The header tells the true size; Content-Length may be missing or count compressed bytes.
    promised: () => pushed.total ?? Number.POSITIVE_INFINITY,
    report: (progress: FileProgress) => reports.add({ ...progress, total: pushed.total ?? progress.total }),
  } as const;
  const breatheNow = every(50);
  for await (const chunk of files.read(job)) {
    pushed = timed(files.times, "process", () => loader.push(chunk));
    if (breatheNow()) await breathe();
    signal.throwIfAborted();
  }
  loader.checkWhole();
  return pushed.bytes;
}

/** A file's progress for the page: not too often, with its rate. */
class FileReports {
  readonly #reading: Reading;
  readonly #tensor: () => string;
  readonly #now = every(100);
  readonly #rate = new Rate();

  constructor(reading: Reading, tensor: () => string) {
    this.#reading = reading;
    this.#tensor = tensor;
  }

  add({ stage, name, done, total, retry }: FileProgress): void {
    const streams = stage === "download" || stage === "read";
    if (streams) this.#rate.at(stage, done);
    if (streams && !this.#now()) return;
    const rate = streams ? this.#rate.perSecond() : null;
    this.#reading.report({
      phase: "load",
      stage,
      what: name,
      done,
      // The announced size of a compressed body may be less than there is.
      total: total !== null && done > total ? null : total,
      rate,
      tensor: this.#tensor(),
      uploads: this.#reading.device === "gpu",
      retry,
    });
  }
}

function say({ report }: Reading, stage: LoadStep["stage"], what: string): void {
  const nothing = { done: 0, total: null, rate: null, tensor: "", uploads: false, retry: null };
  report({ phase: "load", stage, what, ...nothing });
}
