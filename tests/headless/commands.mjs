// The two commands under test, as a user starts them.

import { execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../../scripts/lib/run.mjs";

const NATIVE = join(ROOT, "target", "debug", process.platform === "win32" ? "patchbay.exe" : "patchbay");

/** Runs to the end, whatever it is: `{ code, stdout, stderr }`. */
function outcome(command, args, env) {
  return new Promise((done) => {
    // The limit is for what would hang: it shows as a code of null.
    const options = { env: { ...process.env, ...env }, maxBuffer: 1 << 26, timeout: 120_000 };
    execFile(command, args, options, (error, stdout, stderr) => {
      done({ code: error ? (typeof error.code === "number" ? error.code : null) : 0, stdout, stderr });
    });
  });
}

export const headless = (args, env = {}) =>
  outcome(process.execPath, [join(ROOT, "scripts", "headless.mjs"), "--no-build", ...args], env);

export const command = (name, args) => outcome(NATIVE, [name, ...args], {});

export const native = (args) => command("run", args);

export const bench = (args) => outcome(NATIVE, ["bench", ...args], {});

/** A proxy that may be set up here knows nothing of the tests' servers. */
const DIRECT = { NO_PROXY: "127.0.0.1,localhost" };

export const fetchModel = (args) => outcome(NATIVE, ["fetch", ...args], DIRECT);

/** Stops a fetch as Ctrl-C does, once `when` resolves. */
export async function interruptedFetch(args, when) {
  const child = spawn(NATIVE, ["fetch", ...args], { env: { ...process.env, ...DIRECT }, stdio: "ignore" });
  const ended = new Promise((done) => child.once("exit", (_, signal) => done(signal)));
  await when;
  child.kill("SIGINT");
  return ended;
}
