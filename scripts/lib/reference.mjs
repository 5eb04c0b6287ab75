// The reference's folder, which may or may not be beside the project, and checkpoints made by its script. It holds
// tools/gpt2_fixture.py, which writes them, and reference/*.json with their figures.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { capture, ROOT, run, say } from "./run.mjs";
import { clearStamp, hashOf, readStamp, writeStamp } from "./stamp.mjs";

const SCRIPT = join("tools", "gpt2_fixture.py");
const MADE_FROM = [SCRIPT, join("reference", "gpt2-vocab.bpe")];
const PACKAGES = ["numpy", "safetensors", "tokenizers"];
const VENV = join(ROOT, "target", "reference", "venv");
const python = join(VENV, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");

/** The reference's folder, once there is a Python that can make its checkpoints: `{ folder }`; or why not: `{ missing }`. */
export async function findReference() {
  const beside = join(ROOT, "..");
  const folders = process.env.REFERENCE
    ? [process.env.REFERENCE]
    : readdirSync(beside).map((name) => join(beside, name));
  const folder = folders.find((it) => existsSync(join(it, SCRIPT)));
  if (folder === undefined)
    return { missing: `no folder with ${SCRIPT} is beside the project, and REFERENCE names none` };
  const missing = await pythonProblem();
  return missing ? { missing } : { folder };
}

/** Makes the environment where there is none; returns why that cannot be, or null. */
async function pythonProblem() {
  const works = async (args) => (await capture(python, args)) !== null;
  if (await works(["-c", `import ${PACKAGES.join(", ")}`])) return null;
  if ((await capture("python3", ["--version"])) === null) return "its checkpoints need Python 3";
  if (!(await works(["-m", "pip", "--version"]))) {
    say("reference: python3 -m venv target/reference/venv");
    // --clear: Debian's python3 without its venv package leaves half an environment behind.
    if (!(await succeeds("python3", ["-m", "venv", "--clear", VENV])))
      return "python3 -m venv does not work here (Debian, Ubuntu: apt-get install python3-venv)";
  }
  say(`reference: pip install ${PACKAGES.join(" ")}`);
  if (!(await succeeds(python, ["-m", "pip", "install", "-q", "--retries", "1", ...PACKAGES])))
    return `pip could not install ${PACKAGES.join(", ")} (no network?)`;
  return null;
}

const succeeds = (command, args) =>
  run(command, args, { quiet: true }).then(
    () => true,
    () => false,
  );

/** Makes the checkpoint of that shape with seed 0, unless it was made from the same files before; returns its folder. */
export async function makeCheckpoint(reference, shape) {
  const step = `reference-${shape}`;
  const out = join(ROOT, "target", "reference", `${shape}-0`);
  const inputs = hashOf(MADE_FROM.map((file) => join(reference, file)));
  if (readStamp(step, inputs, [out])) return out;
  clearStamp(step);
  say(`reference: making ${shape}-0`);
  await run(python, [join(reference, SCRIPT), out, "--shape", shape, "--seed", "0"], { quiet: true });
  writeStamp(step, inputs, [out]);
  return out;
}
