// Of the build: gives the service worker the list of the site's files.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Plugin, Rolldown } from "vite";

/** At the site's top: a service worker governs its own folder and what is below. */
export const SERVICE_WORKER = "service-worker.js";

/** The GPU's program and what belongs to it, 15 MB that many never need; vite.config.ts names these files so. */
const USED_BY_SOME = /^assets\/gpu-/;

/** `publicDir`: what is copied as it is; documents in it are no part of the page. */
export function siteFiles(publicDir: string): Plugin {
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
        const site = {
          now: [...now.map(entry), ...publicFiles(publicDir)],
          used: used.map(({ fileName }) => fileName),
        };
        worker.code = `const SITE = ${JSON.stringify(site)};\n${worker.code}`;
      },
    },
  };
}

type Output = Rolldown.OutputAsset | Rolldown.OutputChunk;

function entry(file: Output): { url: string; revision: string | null } {
  // The names in assets/ hold a hash.
  if (file.fileName.startsWith("assets/")) return { url: file.fileName, revision: null };
  return { url: file.fileName, revision: revisionOf(file.type === "chunk" ? file.code : file.source) };
}

function publicFiles(folder: string): { url: string; revision: string }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".md"))
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const url = relative(folder, path).replaceAll("\\", "/");
      return { url, revision: revisionOf(readFileSync(path)) };
    });
}

function revisionOf(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex").slice(0, 16);
}

function partition<T>(all: readonly T[], first: (one: T) => boolean): [T[], T[]] {
  return [all.filter(first), all.filter((one) => !first(one))];
}
