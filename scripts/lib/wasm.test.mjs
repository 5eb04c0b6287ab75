import assert from "node:assert/strict";
import { test } from "node:test";
import { checkConstructors, functionNames } from "./wasm.mjs";

const withLength = (bytes) => [bytes.length, ...bytes];
const text = (s) => withLength([...Buffer.from(s)]);

/** A module that is nothing but a name section. */
function moduleNaming(...names) {
  const functions = [names.length, ...names.flatMap((name, i) => [i, ...text(name)])];
  const section = [...text("name"), 0, ...withLength(text("module")), 1, ...withLength(functions)];
  return Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, ...withLength(section)]);
}

test("function names are read", () => {
  assert.deepEqual(functionNames(moduleNaming("one", "two")), ["one", "two"]);
});

test("an export that runs the constructors again fails the build", () => {
  checkConstructors(moduleNaming("__wbindgen_malloc_command_export"), "ok");
  assert.throws(
    () => checkConstructors(moduleNaming("__wbindgen_malloc.command_export"), "bad"),
    /__wasm_call_ctors/,
  );
});

test("a stripped file cannot pass", () => {
  assert.throws(() => checkConstructors(Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]), "bare"), /no names/);
});
