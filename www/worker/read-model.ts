// A model's files into the wasm, in the order in which mistakes are cheap: the small files and what they rule out
// come before the first byte of the weights.

import type { Model } from "../../pkg/cpu/patchbay.js";
import { CANCELLED, isNamed, messageOf, NamedError } from "../door/errors.ts";
import { breathe } from "../door/pace.ts";
import type { ModelOrigin, Report } from "../door/protocol.ts";
import { hubPageOf, type ModelSource, sourceKey } from "../door/sources.ts";
import { FolderFiles } from "../files/folder-files.ts";
import type { ModelFiles } from "../files/model-files.ts";
import { withModelFolder } from "../files/storage/store.ts";
import { StartOver } from "../files/transient.ts";
import { UrlFiles } from "../files/url-files.ts";
import { fromGpu } from "./adapter.ts";
import { freeQuietly } from "./fatal.ts";
import { say } from "./load-reports.ts";
import { cpuPackage, gpuPackage } from "./packages.ts";
import { checkKnown, readConfig, readTokenizer, sha256Of } from "./small-files.ts";
import { type Loader, pushWeights } from "./weights.ts";

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

export async function readModel(reading: Reading): Promise<ReadModel> {
  try {
    return await readFrom(reading);
  } catch (error) {
    const page = hubPageOf(reading.source);
    if (page === null || !(isNamed(error, "DownloadError") || isNamed(error, "BadModel"))) throw error;
    // What is wrong with the address as it was given says more, unless there was a model.
    return await readFrom({ ...reading, source: page }).catch((second: unknown) => {
      throw isNamed(second, "DownloadError") ? error : second;
    });
  }
}

async function readFrom(reading: Reading): Promise<ReadModel> {
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
  const model = await (onGpu ? fromGpu("work", finished) : finished);
  return { model, origin: { ...origin, revision, notes: model.notes() } };
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
export async function storeKey(source: ModelSource): Promise<string> {
  return (await sha256Of(new TextEncoder().encode(sourceKey(source)))).slice(0, 32);
}

interface Pushed {
  loader: Loader;
  origin: Omit<ModelOrigin, "revision" | "notes">;
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
  try {
    const { head, coming } = reading;
    if (head !== null) loader.checkHead(...head);
    coming();
    loader.makeRoom();
    const weights = await pushWeights(loader, files, reading);
    const { from, unstored, times } = files;
    return { loader, origin: { from, unstored, ...weights, ...smallHashes, load_ms: times } };
  } catch (error) {
    freeQuietly(loader);
    throw error;
  }
}

interface Opened {
  loader: Loader;
  smallHashes: Pick<ModelOrigin, "config_sha256" | "tokenizer_sha256">;
}

async function openLoader(files: ModelFiles, reading: Reading): Promise<Opened> {
  const { device, signal } = reading;
  const config = await readConfig(files, reading);
  const tokenizer = await readTokenizer(files, reading);
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
