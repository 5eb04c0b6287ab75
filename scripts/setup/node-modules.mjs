// Node itself, and the modules from npm.
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { Failure, ROOT, run, say } from "../lib/run.mjs";
import { once } from "../lib/turns.mjs";

export const nodeModules = once(async () => {
  const [major, minor] = process.versions.node.split(".").map(Number);
  // As vite's bundler needs it.
  if (major < 20 || (major === 20 && minor < 19) || major === 21 || (major === 22 && minor < 12))
    throw new Failure(`Node 20.19, or 22.12 or newer, is needed; this is ${process.version}`);
  const lock = join(ROOT, "package-lock.json");
  const installed = join(ROOT, "node_modules", ".package-lock.json"); // npm writes it last
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  say("setup: installing node modules (npm ci)");
  await run("npm", ["ci", "--include=dev", "--no-audit", "--no-fund"], { quiet: true });
});
