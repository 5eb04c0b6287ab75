// The files of a picked folder.

import { NamedError } from "../door/errors.ts";
import type { ModelSource } from "../door/sources.ts";
import { chunksOf } from "./body.ts";
import type { FileJob, ModelFiles } from "./model-files.ts";
import { noTime, timed, timedChunks } from "./times.ts";
import { Transient } from "./transient.ts";

export class FolderFiles implements ModelFiles {
  readonly from = "folder";
  readonly unstored = null;
  readonly times = noTime();
  readonly #files: ReadonlyMap<string, File>;

  constructor(source: Extract<ModelSource, { kind: "folder" }>) {
    this.#files = source.files;
  }

  async *read({ name, signal, hash, report }: FileJob): AsyncGenerator<Uint8Array, void> {
    const file = this.#files.get(name);
    if (file === undefined) {
      throw new NamedError(
        "BadModel",
        `The folder has no ${name}. Pick the folder that holds all files of the model.`,
        {
          field: "model",
        },
      );
    }
    let done = 0;
    try {
      for await (const chunk of timedChunks(chunksOf(file.stream(), signal), this.times, "storage")) {
        timed(this.times, "hash", () => hash.update(chunk));
        done += chunk.byteLength;
        report({ stage: "read", name, done, total: file.size, retry: null });
        yield chunk;
      }
    } catch (error) {
      if (!(error instanceof Transient)) throw error;
      // The browser refuses a file that is not as it was when it was picked.
      throw new NamedError(
        "DownloadError",
        `${name} could not be read from the picked folder: expected ${file.size} bytes, found ${done} (${error.message}). It may have changed since: pick the folder again.`,
        { field: "model" },
      );
    }
  }

  async has(name: string): Promise<boolean> {
    return this.#files.has(name);
  }

  discard(): void {}

  kept(): string {
    return "";
  }
}
