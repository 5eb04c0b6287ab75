// Of the build: gives the service worker the list of the site's files.

import { createHash } from "node:crypto";
import type { Plugin, Rolldown } from "vite";

/** At the site's top: a service worker governs its own folder and what is below. */
export const SERVICE_WORKER = "service-worker.js";

/** The GPU's program and what belongs to it, 15 MB that many never need; vite.config.ts names these files so. */
const USED_BY_SOME = /^assets\/gpu-/;

export function siteFiles(): Plugin {
  return {
    name: "site-files",
    apply: "build",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const worker = bundle[SERVICE_WORKER];
        if (worker?.type !== "chunk" || worker.imports.length > 0)
          this.error(`expected ${SERVICE_WORKER} to be one file without imports`);
        const files = Object.values(bundle).filter((file) => file !== worker);
        const [used, now] = partition(files, ({ fileName }) => USED_BY_SOME.test(fileName));
        const site = { now: now.map(entry), used: used.map(({ fileName }) => fileName) };
        worker.code = `const SITE = ${JSON.stringify(site)};\n${worker.code}`;
      },
    },
  };
}

type Output = Rolldown.OutputAsset | Rolldown.OutputChunk;

function entry(file: Output): { url: string; revision: string | null } {
  // The names in assets/ hold a hash.
  if (file.fileName.startsWith("assets/")) return { url: file.fileName, revision: null };
  const content = file.type === "chunk" ? file.code : file.source;
  return { url: file.fileName, revision: createHash("sha256").update(content).digest("hex").slice(0, 16) };
}

function partition<T>(all: readonly T[], first: (one: T) => boolean): [T[], T[]] {
  return [all.filter(first), all.filter((one) => !first(one))];
}
