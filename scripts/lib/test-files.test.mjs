// The runner of test files: what it ends with.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const RUNNER = fileURLToPath(new URL("test-files.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "patchbay-files-"));
after(() => rmSync(folder, { recursive: true }));

/** Files with these bodies of a test each, in the runner. */
function runFiles(...bodies) {
  const files = bodies.map((body, i) => {
    const file = join(folder, `${i}.test.mjs`);
    writeFileSync(file, `import { test } from "node:test"; test("number ${i}", () => { ${body} });`);
    return file;
  });
  // Else it takes itself for a part of this test.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return spawnSync(process.execPath, [RUNNER, "2", ...files], { encoding: "utf8", env });
}

test("all files are run, and one that fails is enough to fail", () => {
  const good = runFiles("", "", "");
  assert.equal(good.status, 0, good.stdout);
  for (const i of [0, 1, 2]) assert.match(good.stdout, new RegExp(`number ${i}`));
  const bad = runFiles("", "throw new Error('no')", "");
  assert.equal(bad.status, 1, bad.stdout);
  assert.match(bad.stdout, /pass 2\n.*fail 1/);
  assert.equal(runFiles("process.exit(3)", "").status, 1);
});
