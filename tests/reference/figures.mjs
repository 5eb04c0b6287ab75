// The reference's figures, and what it is to agree with them.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../../scripts/lib/run.mjs";

const CONDITIONS = ["clean", "patched", "projected"];
// Both sides are float32 with sums in different orders; 12 layers of width 768 come to about 1e-5.
export const TOLERANCE = 1e-3;

const COMMAND = process.platform === "win32" ? "patchbay.exe" : "patchbay";

/** What a native command prints with --json. */
export async function native(command, ...args) {
  const binary = join(ROOT, "target", "debug", COMMAND);
  assert.ok(existsSync(binary), "npm test builds the native command first");
  const options = { maxBuffer: 1 << 26 };
  const { stdout } = await promisify(execFile)(binary, [command, "--json", ...args], options);
  return JSON.parse(stdout);
}

export const figures = (folder, name) =>
  JSON.parse(readFileSync(join(folder, "reference", `experiment-${name}.json`)));

export function assertAgrees(result, expected) {
  for (const condition of CONDITIONS) {
    const [found, wanted] = [result.conditions[condition], expected.frozen_ln[condition]];
    for (const column of ["io_score", "s1_score", "diff"]) {
      assert.equal(found[column].length, wanted[column].length);
      const most = Math.max(...found[column].map((value, i) => Math.abs(value - wanted[column][i])));
      assert.ok(most <= TOLERANCE, `${condition}.${column} is off by ${most}`);
    }
    assert.ok(Math.abs(found.mean_diff - wanted.mean_diff) <= TOLERANCE);
  }
  assert.equal(result.evidence.noop_max_abs_change, 0);
}
