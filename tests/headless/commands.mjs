// The two commands under test, as a user starts them.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../../scripts/lib/run.mjs";

export const NATIVE = join(
  ROOT,
  "target",
  "debug",
  process.platform === "win32" ? "patchbay.exe" : "patchbay",
);

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

export const patchbay = (args, env = {}) => outcome(NATIVE, args, env);

export const command = (name, args, env = {}) => patchbay([name, ...args], env);

export const native = (args, env = {}) => command("run", args, env);

export const bench = (args) => command("bench", args);

/** A proxy that may be set up here knows nothing of the tests' servers, and their hub nothing of a user's token. */
export const DIRECT = {
  NO_PROXY: "127.0.0.1,localhost",
  HF_TOKEN: "",
  HF_TOKEN_PATH: "",
  HF_HUB_CACHE: "",
  HUGGINGFACE_HUB_CACHE: "",
  HF_HUB_OFFLINE: "",
  TRANSFORMERS_OFFLINE: "",
};

export const fetchModel = (args, env = {}) => command("fetch", args, { ...DIRECT, ...env });
