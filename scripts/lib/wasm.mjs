// Reading a WebAssembly file's name section, to see what the linker did.
import { Failure } from "./run.mjs";

/** Unsigned LEB128 at `at`: [value, next]. */
function leb(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, at];
  }
}

function name(bytes, at) {
  const [length, start] = leb(bytes, at);
  return [bytes.toString("utf8", start, start + length), start + length];
}

/** Names of the functions, or null where the file has been stripped of them. */
export function functionNames(bytes) {
  for (let at = 8; at < bytes.length; ) {
    const [size, start] = leb(bytes, at + 1);
    const end = start + size;
    if (bytes[at] === 0) {
      const [section, body] = name(bytes, start);
      if (section === "name") return functionsOf(bytes, body, end);
    }
    at = end;
  }
  return null;
}

function functionsOf(bytes, at, end) {
  const names = [];
  while (at < end) {
    const kind = bytes[at];
    const [size, start] = leb(bytes, at + 1);
    if (kind === 1) {
      let [count, next] = leb(bytes, start);
      for (; count > 0; count--) {
        const [, afterIndex] = leb(bytes, next);
        const [text, afterName] = name(bytes, afterIndex);
        names.push(text);
        next = afterName;
      }
    }
    at = start + size;
  }
  return names;
}

/**
 * Unless the program itself calls `__wasm_call_ctors`, the linker wraps every export in a function
 * `<export>.command_export` that runs all static constructors. CubeCL registers its compiler in such constructors:
 * each operation on the GPU would then cost milliseconds, with nothing to be seen but slowness.
 */
export function checkConstructors(bytes, label) {
  const names = functionNames(bytes);
  if (names === null)
    throw new Failure(
      `${label}: no names in the wasm, so its static constructors cannot be checked (was it stripped?)`,
    );
  const wrapped = names.filter((n) => n.endsWith(".command_export"));
  if (wrapped.length === 0) return;
  throw new Failure(
    `${label}: every export runs all static constructors again (${wrapped.slice(0, 3).join(", ")}${wrapped.length > 3 ? ", …" : ""}).\n` +
      "  The wasm start function has to call __wasm_call_ctors() itself, once; ARCHITECTURE.md says why.",
  );
}
