// The two commands under test, as a user starts them.

import { execFile } from "node:child_process";
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

export const native = (args) => outcome(NATIVE, ["run", ...args], {});
