// Part of the build: gives the service worker the list of the site's files.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Plugin, Rolldown } from "vite";

/** A file of the site. `integrity` is of what it holds, "sha256-…". */
export interface SiteFile {
  url: string;
  integrity: string;
}

export interface SiteFiles {
  /** Kept at once. `revision` is null where the name holds a hash. */
  now: (SiteFile & { revision: string | null })[];
  /** Large and not needed by everybody: kept once it was used. */
  used: SiteFile[];
}

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
        const site: SiteFiles = {
          now: [...now.map(built), ...publicFiles(publicDir)].map(kept),
          used: used.map(built).map(({ url, content }) => ({ url, integrity: integrityOf(content) })),
        };
        worker.code = `const SITE = ${JSON.stringify(site)};\n${worker.code}`;
      },
    },
  };
}

interface Content {
  url: string;
  content: string | Uint8Array;
}

function built(file: Rolldown.OutputAsset | Rolldown.OutputChunk): Content {
  return { url: file.fileName, content: file.type === "chunk" ? file.code : file.source };
}

function publicFiles(folder: string): Content[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".md"))
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return { url: relative(folder, path).replaceAll("\\", "/"), content: readFileSync(path) };
    });
}

function kept({ url, content }: Content): SiteFiles["now"][number] {
  const integrity = integrityOf(content);
  // The names in assets/ hold a hash.
  return { url, revision: url.startsWith("assets/") ? null : integrity, integrity };
}

function integrityOf(content: string | Uint8Array): string {
  return `sha256-${createHash("sha256").update(content).digest("base64")}`;
}

function partition<T>(all: readonly T[], first: (one: T) => boolean): [T[], T[]] {
  return [all.filter(first), all.filter((one) => !first(one))];
}
