// The page, in dist/.
import { node, npmBin, timed } from "../lib/run.mjs";
import { clearStamp, hashOf, readStamp, writeStamp } from "../lib/stamp.mjs";
import { nodeModules } from "../setup/node-modules.mjs";

const SOURCES = [
  "index.html",
  "www",
  "vite.config.ts",
  "tsconfig.json",
  "package-lock.json",
  "pkg",
  // What programs for other libraries are made of.
  "crate/src/reproduce/python",
];
const OUTPUTS = ["dist"];

/** Skipped where neither sources nor dist/ have changed. */
export async function buildSite() {
  const inputs = hashOf(SOURCES);
  if (readStamp("site", inputs, OUTPUTS)) return;
  clearStamp("site");
  await nodeModules();
  await timed("dist: vite", () => node(npmBin("vite"), ["build", "--logLevel", "warn"], { quiet: true }));
  writeStamp("site", inputs, OUTPUTS);
}
