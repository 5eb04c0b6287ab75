import assert from "node:assert/strict";
import { test } from "node:test";
import { inCargoLock, inPackageLock, loosePackageJson, looseToml, newer } from "./versions.mjs";

test("exact versions become ranges, and nothing else is touched", () => {
  const toml = 'version = "0.1.0"\nhalf = "=2.7.1"\nburn = { version = "=0.22.1", features = ["std"] }\n';
  assert.equal(looseToml(toml), toml.replaceAll('"=', '"'));
  const manifest = { version: "0.1.0", dependencies: { a: "1.2.3" }, devDependencies: { b: "^2.0.0" } };
  const loose = { ...manifest, dependencies: { a: "^1.2.3" } };
  assert.equal(loosePackageJson(JSON.stringify(manifest)), `${JSON.stringify(loose, null, 2)}\n`);
});

test("what is newer in a lock", () => {
  const lock = (...versions) =>
    versions.map((version) => `[[package]]\nname = "half"\nversion = "${version}"\n`).join("\n");
  const [before, after] = [lock("1.8.3", "2.7.1"), lock("1.8.3", "2.8.0")].map(inCargoLock);
  assert.deepEqual(newer(before, after), ["half 2.8.0 (locked: 1.8.3, 2.7.1)"]);
  assert.deepEqual(newer(before, before), []);
  const packages = { "": {}, "node_modules/a": { version: "1.0.0" } };
  const deeper = { ...packages, "node_modules/a/node_modules/@b/c": { version: "2.0.0" } };
  const [old, now] = [packages, deeper].map((it) => inPackageLock(JSON.stringify({ packages: it })));
  assert.deepEqual(newer(old, now), ["@b/c 2.0.0 (locked: none)"]);
});
