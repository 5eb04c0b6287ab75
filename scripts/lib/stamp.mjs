// What a build step was made from and what it made, so that it is skipped when neither has changed since.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ROOT } from "./run.mjs";

export const sha256 = (...parts) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
};

function* filesUnder(path) {
  if (!existsSync(path)) return;
  if (!statSync(path).isDirectory()) return yield path;
  for (const entry of readdirSync(path).sort()) yield* filesUnder(join(path, entry));
}

/**
 * A hash of the names and contents of files and folders, given relative to the project's top. Contents and not times,
 * which a checkout or a restored cache changes: pkg/ and dist/ are some 50 MB, a tenth of a second.
 */
export function hashOf(paths) {
  const hash = createHash("sha256");
  for (const file of paths.flatMap((path) => [...filesUnder(resolve(ROOT, path))])) {
    const bytes = readFileSync(file);
    hash.update(`${file.slice(ROOT.length)}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest("hex");
}

const file = (step) => join(ROOT, "target", "stamps", `${step}.json`);

/**
 * What writeStamp was given, if the step's inputs are the same and its outputs are as it left them; else null.
 * @param {string} inputs a hash  @param {string[]} outputs files and folders
 */
export function readStamp(step, inputs, outputs) {
  try {
    const stamp = JSON.parse(readFileSync(file(step), "utf8"));
    return stamp.inputs === inputs && stamp.outputs === hashOf(outputs) ? stamp : null;
  } catch {
    return null;
  }
}

/** Before a step begins: an interrupted one must not pass for done. */
export const clearStamp = (step) => rmSync(file(step), { force: true });

export function writeStamp(step, inputs, outputs, more = {}) {
  mkdirSync(dirname(file(step)), { recursive: true });
  writeFileSync(file(step), JSON.stringify({ ...more, inputs, outputs: hashOf(outputs) }));
}
