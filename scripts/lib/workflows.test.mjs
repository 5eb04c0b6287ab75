// What GitHub runs, read as it reads it: no action can be exchanged under us, and no job may do more than it says.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isScalar, parseDocument, visit } from "yaml";
import { ROOT } from "./run.mjs";

const GITHUB = join(ROOT, ".github");
const files = readdirSync(GITHUB, { recursive: true })
  .filter((name) => /\.ya?ml$/.test(name))
  .map((name) => ({ name, document: parseDocument(readFileSync(join(GITHUB, name), "utf8")) }));
const workflows = files.filter(({ name }) => name.startsWith("workflows"));

/** The scalars under a key, wherever it stands. */
function valuesOf(document, key) {
  const found = [];
  visit(document, {
    Pair(_, pair) {
      if (isScalar(pair.key) && pair.key.value === key) found.push(pair.value);
    },
  });
  return found;
}

test("every file is YAML", () => {
  assert.ok(workflows.length > 0);
  for (const { name, document } of files) assert.deepEqual(document.errors, [], name);
});

test("actions of others are pinned by commit, with their version beside it", () => {
  const pins = new Map();
  for (const { name, document } of files) {
    for (const { value, comment } of valuesOf(document, "uses")) {
      if (value.startsWith("./")) continue;
      assert.match(value, /^[\w.-]+(\/[\w.-]+)+@[0-9a-f]{40}$/, name);
      assert.match(comment ?? "", /^ v\d+\.\d+\.\d+$/, `${name}: the version of ${value}`);
      const [action] = value.split("@");
      const pin = value + comment;
      assert.equal(pins.get(action) ?? pin, pin, `${name}: another version than elsewhere`);
      pins.set(action, pin);
    }
  }
  assert.ok(pins.size > 0);
});

test("a workflow may read, and only a job that runs no code of ours may do more", () => {
  for (const { name, document } of workflows) {
    const { permissions, jobs } = document.toJS();
    assert.deepEqual(permissions, { contents: "read" }, name);
    for (const [id, job] of Object.entries(jobs)) {
      assert.ok(job["timeout-minutes"] > 0, `${name}: ${id} has no time limit`);
      const checkouts = job.steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
      if (job.permissions) assert.deepEqual(checkouts, [], `${name}: ${id} may write`);
      for (const { with: settings } of checkouts)
        assert.equal(settings?.["persist-credentials"], false, name);
    }
  }
});
