// `npm run package`: the crate's program for the CPU with the few typed functions of npm/, as an npm package in target/npm, which
// nobody publishes: `npm install` takes the file.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { isMain, main, node, ROOT, run } from "./lib/run.mjs";

const FOLDER = join(ROOT, "target", "npm");

/** What is in it, and from where. */
const PARTS = {
  "index.js": "npm/index.js",
  "index.d.ts": "npm/index.d.ts",
  "files.js": "npm/files.js",
  "README.md": "docs/package.md",
  example: "npm/example",
  cpu: "pkg/cpu",
  "models/ioi-mini": "www/public/models/ioi-mini",
  "LICENSE-MIT": "LICENSE-MIT",
  "LICENSE-APACHE": "LICENSE-APACHE",
};

/** Makes the package of what is built; returns its path. */
export async function makePackage() {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const folder = join(FOLDER, "patchbay");
  rmSync(FOLDER, { recursive: true, force: true }); // nothing of an earlier one
  mkdirSync(join(folder, "models"), { recursive: true });
  for (const [name, source] of Object.entries(PARTS))
    cpSync(join(ROOT, source), join(folder, name), { recursive: true });
  const described = JSON.parse(readFileSync(join(ROOT, "npm", "package.json"), "utf8"));
  writeFileSync(join(folder, "package.json"), `${JSON.stringify({ ...described, version }, null, 2)}\n`);
  await npm(["pack", folder, "--pack-destination", FOLDER, "--silent"]);
  return join(FOLDER, `patchbay-${version}.tgz`);
}

/** npm itself, which comes with Node: by way of Node, so that no shell takes the arguments apart. */
export function npm(args, options = {}) {
  const { npm_execpath: started } = process.env;
  return started === undefined
    ? run(process.platform === "win32" ? "npm.cmd" : "npm", args, options)
    : node(started, args, options);
}

if (isMain(import.meta)) {
  main(async () => {
    await build({ only: ["cpu"] });
    console.log(await makePackage());
  });
}
