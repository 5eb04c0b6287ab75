// What a build step was made from, so that it is skipped when nothing has changed.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
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

/** A hash of the names and contents of files and folders, given relative to the project's top. */
export function hashOf(paths) {
  const parts = paths.flatMap((path) =>
    [...filesUnder(join(ROOT, path))].flatMap((file) => [file.slice(ROOT.length), readFileSync(file)]),
  );
  return sha256(...parts);
}

const file = (step) => join(ROOT, "target", "stamps", `${step}.json`);

export function readStamp(step) {
  try {
    return JSON.parse(readFileSync(file(step), "utf8"));
  } catch {
    return null;
  }
}

/** Before a step begins: an interrupted one must not pass for done. */
export const clearStamp = (step) => rmSync(file(step), { force: true });

export function writeStamp(step, value) {
  mkdirSync(dirname(file(step)), { recursive: true });
  writeFileSync(file(step), JSON.stringify(value));
}
