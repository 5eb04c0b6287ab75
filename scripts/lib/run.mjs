// Running other programs, from the project's top, with the project's own tools first on the PATH.
import { spawn } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
export const TOOLS = join(ROOT, ".tools");

/** A failure whose message says all there is to say: shown without a stack. */
export class Failure extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

export const say = (line) => process.stderr.write(`${line}\n`);

export function environment(extra = {}) {
  const path = [join(TOOLS, "bin"), process.env.PATH].join(delimiter);
  return { ...process.env, PATH: path, ...extra };
}

// npm is a .cmd file on Windows, which only a shell starts.
const options = (command, extra) => ({
  cwd: ROOT,
  shell: process.platform === "win32" && command === "npm",
  ...extra,
  env: environment(extra.env),
});

/** What is running, to be ended where the command fails meanwhile. */
const children = new Set();

function begin(command, args, how) {
  const child = spawn(command, args, how);
  children.add(child);
  child.on("close", () => children.delete(child));
  return child;
}

/** Runs with inherited output, so that the program's own words are seen. Its stdout goes to our stderr when `quiet`. */
export async function run(command, args, { quiet = false, ...extra } = {}) {
  const code = await new Promise((done) => {
    const stdio = ["ignore", quiet ? 2 : "inherit", "inherit"];
    const child = begin(command, args, { stdio, ...options(command, extra) });
    child.on("error", (error) => {
      say(`${command}: ${error.message}`);
      done(127);
    });
    child.on("close", (status, signal) => done(signal ?? status));
  });
  if (code !== 0) throw new Failure(`${command} ${args.join(" ")}: exit ${code}`);
}

/** What a program prints, trimmed, or null where it is absent or fails. */
export function capture(command, args, extra = {}) {
  return new Promise((done) => {
    const child = begin(command, args, { stdio: ["ignore", "pipe", "ignore"], ...options(command, extra) });
    let out = "";
    child.stdout.on("data", (chunk) => {
      out += chunk;
    });
    child.on("error", () => done(null));
    child.on("close", (status) => done(status === 0 ? out.trim() : null));
  });
}

/** Says what a step of the build took, with what the step gives to be told. */
export async function timed(label, work) {
  const begun = performance.now();
  const note = await work();
  say(`build: ${label} ${((performance.now() - begun) / 1000).toFixed(1)} s${note ? `, ${note}` : ""}`);
}

/** The script behind a command of an npm package, to run with this same node: no shell, no .cmd files. */
export function npmBin(name, command = name) {
  const folder = join(ROOT, "node_modules", name);
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return join(folder, typeof bin === "string" ? bin : bin[command]);
}

export const node = (script, args, extra) => run(process.execPath, [script, ...args], extra);

/** True when this module is the program, not an import. Node resolves symbolic links for the one name only. */
export const isMain = (meta) =>
  process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(meta.url);

/** The end of every command: one line and an exit code instead of a stack, where the failure explains itself. */
export function main(program) {
  program().catch((error) => {
    say(error instanceof Failure ? error.message : error.stack);
    process.exitCode = error.exitCode ?? 1;
    for (const child of children) child.kill();
  });
}
