// The weights into the loader: one file, or several that an index lists.

import { breathe, every } from "../door/pace.ts";
import type { ModelOrigin } from "../door/protocol.ts";
import { INDEX, WEIGHTS } from "../files/file-names.ts";
import type { FileProgress, ModelFiles } from "../files/model-files.ts";
import { Missing } from "../files/refusals.ts";
import type { OpenHash } from "../files/storage/kept-file.ts";
import { timed } from "../files/times.ts";
import { FileReports } from "./load-reports.ts";
import { cpuPackage, type Patchbay } from "./packages.ts";
import type { Reading } from "./read-model.ts";
import { checkPytorch, firstOf, readWhole, withHash } from "./small-files.ts";

export type Loader = InstanceType<Patchbay["ModelLoader"]>;

/** Of all files' bytes, in their order. */
type Read = Pick<ModelOrigin, "bytes" | "sha256">;

const MOST_INDEX = 16 << 20;

export async function pushWeights(loader: Loader, files: ModelFiles, reading: Reading): Promise<Read> {
  try {
    return await firstOf(files, [
      [WEIGHTS, () => pushOne(loader, files, reading)],
      [INDEX, () => pushSeveral(loader, files, reading)],
    ]);
  } catch (error) {
    if (error instanceof Missing) await checkPytorch(files);
    throw error;
  }
}

function pushOne(loader: Loader, files: ModelFiles, reading: Reading): Promise<Read> {
  return withHash(async (hash, newHash) => {
    const bytes = await pushFile(loader, files, reading, { name: WEIGHTS, hash, newHash });
    loader.checkWhole();
    return { bytes, sha256: hash.hex() };
  });
}

async function pushSeveral(loader: Loader, files: ModelFiles, reading: Reading): Promise<Read> {
  const index = await readWhole(files, INDEX, reading, MOST_INDEX);
  const { shardFiles } = await cpuPackage();
  const names = shardFiles(index);
  const all = announcedSize(index);
  return withHash(async (whole) => {
    let before = 0;
    for (const name of names) {
      loader.nextFile(name);
      before += await withHash((hash, newHash) =>
        pushFile(loader, files, reading, { name, hash, newHash, whole, before, all }),
      );
    }
    loader.checkWhole();
    return { bytes: before, sha256: whole.hex() };
  });
}

/** Of all tensors, for the progress alone; 0 where it is not said. */
function announcedSize(index: Uint8Array): number {
  try {
    const { metadata } = JSON.parse(new TextDecoder().decode(index)) as {
      metadata?: { total_size?: unknown };
    };
    return Number.isSafeInteger(metadata?.total_size) ? Number(metadata?.total_size) : 0;
  } catch {
    return 0;
  }
}

interface Weights {
  name: string;
  hash: OpenHash;
  newHash: () => OpenHash;
  /** Of several: the hash of all, the bytes of those before, and those of all. */
  whole?: OpenHash;
  before?: number;
  all?: number;
}

/** Answers with the number of bytes. */
async function pushFile(loader: Loader, files: ModelFiles, reading: Reading, file: Weights): Promise<number> {
  const { signal } = reading;
  const { name, hash, newHash, whole, before = 0, all = 0 } = file;
  let pushed: ReturnType<Loader["push"]> = { bytes: 0, total: null, tensor: "" };
  const reports = new FileReports(reading, () => pushed.tensor);
  const job = {
    name,
    signal,
    hash,
    newHash,
    // The header tells the true size; Content-Length may be missing or count compressed bytes.
    promised: () => pushed.total ?? Number.POSITIVE_INFINITY,
    report: (progress: FileProgress) => {
      const size = pushed.total ?? progress.total;
      const total = size === null ? null : Math.max(all, before + size);
      reports.add({ ...progress, done: before + progress.done, total });
    },
  };
  const breatheNow = every(50);
  for await (const chunk of files.read(job)) {
    if (whole !== undefined) timed(files.times, "hash", () => whole.update(chunk));
    pushed = timed(files.times, "process", () => loader.push(chunk));
    if (breatheNow()) await breathe();
    signal.throwIfAborted();
  }
  return pushed.bytes;
}
