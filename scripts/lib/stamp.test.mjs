import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { clearStamp, hashOf, readStamp, writeStamp } from "./stamp.mjs";

const STEP = "stamp.test";
let folder;
const write = (name, text) => writeFileSync(join(folder, name), text);
before(() => {
  folder = mkdtempSync(join(tmpdir(), "patchbay-"));
});
after(() => {
  clearStamp(STEP);
  rmSync(folder, { recursive: true });
});

test("a step is done while its inputs and all of its outputs are the same", () => {
  write("a", "1");
  write("b", "2");
  writeStamp(STEP, "inputs", [folder], { optimised: true });
  assert.equal(readStamp(STEP, "inputs", [folder]).optimised, true);
  assert.equal(readStamp(STEP, "other inputs", [folder]), null);
  write("b", "3");
  assert.equal(readStamp(STEP, "inputs", [folder]), null, "an output was changed");
  write("b", "2");
  assert.ok(readStamp(STEP, "inputs", [folder]));
  rmSync(join(folder, "a"));
  assert.equal(readStamp(STEP, "inputs", [folder]), null, "an output is gone");
  clearStamp(STEP);
  write("a", "1");
  assert.equal(readStamp(STEP, "inputs", [folder]), null, "an interrupted step");
});

test("where a name ends and the content begins is part of the hash", () => {
  const one = mkdtempSync(join(folder, "x"));
  writeFileSync(join(one, "n1"), "2");
  const before = hashOf([one]);
  rmSync(join(one, "n1"));
  writeFileSync(join(one, "n"), "12");
  assert.notEqual(hashOf([one]), before);
});
