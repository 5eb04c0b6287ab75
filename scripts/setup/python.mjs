// The Python in which generated programs are tried: a virtual environment of the build's own, with pinned packages.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cargoTarget } from "../lib/cargo.mjs";
import { capture, ROOT, run, say } from "../lib/run.mjs";
import { clearStamp, readStamp, sha256, writeStamp } from "../lib/stamp.mjs";

const REQUIREMENTS = join(ROOT, "tests", "python", "requirements.txt");
const FOLDER = join(cargoTarget(), "python");
const PYTHON = join(
  FOLDER,
  ...(process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"]),
);
/** A virtual environment needs both modules; Debian has them in a package of their own. */
const ASK = "import sys, venv, ensurepip; print(sys.version_info[:2] >= (3, 11))";

/** The interpreter, with all packages; or `{ lack }`, why there is none. 6 GB, once. */
export async function pythonEnvironment() {
  const found = await capture("python3", ["-c", ASK]);
  if (found !== "True")
    return { lack: "no python3 of 3.11 or newer with venv. Debian: apt-get install python3-venv" };
  const inputs = sha256(readFileSync(REQUIREMENTS), (await capture("python3", ["--version"])) ?? "");
  if (existsSync(PYTHON) && readStamp("python", inputs, []) !== null) return { python: PYTHON };
  clearStamp("python");
  rmSync(FOLDER, { recursive: true, force: true });
  say("setup: Python packages into target/python (5 GB, some minutes)");
  const begun = performance.now();
  await run("python3", ["-m", "venv", FOLDER]);
  // All that is needed is in the list. Bytecode is made of what is imported, which is little of it.
  const how = ["--quiet", "--no-deps", "--no-compile", "--no-cache-dir", "--disable-pip-version-check"];
  const installed = run(PYTHON, ["-m", "pip", "install", ...how, "--requirement", REQUIREMENTS]);
  // As with other engines: what cannot be had leaves the step out, which says so.
  const why = await installed.then(() => null).catch((error) => error);
  if (why !== null) return { lack: `its packages could not be installed (${why.message})` };
  writeStamp("python", inputs, []);
  say(`setup: Python packages, ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  return { python: PYTHON };
}
