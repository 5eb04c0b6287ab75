// `node scripts/fresh.mjs crates|npm`: loosens the exact versions in the manifests to the ranges that ought to be
// compatible, brings the locks up to date, and says what is newer. The nightly workflow then runs all tests with that.
// It changes manifests and locks in place: `git restore .` brings the others back.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure, main, ROOT, run } from "./lib/run.mjs";
import { addToSummary } from "./lib/summary.mjs";
import { inCargoLock, inPackageLock, loosePackageJson, looseToml, newer } from "./lib/versions.mjs";

const KINDS = {
  crates: {
    manifests: ["crate/Cargo.toml", "fuzz/Cargo.toml", "scripts/bindgen/Cargo.toml"],
    loose: looseToml,
    locks: ["Cargo.lock", "scripts/bindgen/Cargo.lock"],
    versions: inCargoLock,
    update: async () => {
      for (const manifest of ["Cargo.toml", "scripts/bindgen/Cargo.toml"])
        await run("cargo", ["update", "--manifest-path", manifest]);
    },
  },
  npm: {
    manifests: ["package.json"],
    loose: loosePackageJson,
    locks: ["package-lock.json"],
    versions: inPackageLock,
    // What is installed follows the lock before anything runs: see setup.mjs.
    update: () => run("npm", ["update", "--package-lock-only", "--no-audit", "--no-fund"]),
  },
};

const read = (file) => readFileSync(join(ROOT, file), "utf8");

main(async () => {
  const [name, ...rest] = process.argv.slice(2);
  if (!Object.hasOwn(KINDS, name ?? "") || rest.length > 0)
    throw new Failure(`fresh: expected one of ${Object.keys(KINDS).join(", ")}`, 2);
  const { manifests, loose, locks, versions, update } = KINDS[name];
  const locked = () => locks.flatMap((lock) => versions(read(lock)));

  const before = locked();
  for (const manifest of manifests) writeFileSync(join(ROOT, manifest), loose(read(manifest)));
  await update();
  const found = newer(before, locked());
  const list = [`## ${name}: ${found.length} newer versions`, "", ...found.map((line) => `- ${line}`)].join(
    "\n",
  );
  console.log(list);
  addToSummary(list);
});
