// What does not go wrong by itself, made to go wrong for real: scripts that run in the worker before its own.

import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

/** Has the worker of this context's pages begin with `script`. */
export async function beginWorker(context, script, dist) {
  const assets = join(dist, "assets");
  const worker = readdirSync(assets).find((name) => /^worker-.*\.js$/.test(name));
  const body = `${script}\n${readFileSync(join(assets, worker), "utf8")}`;
  const server = createServer((_, response) => response.writeHead(200, HEADERS).end(body));
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  // Not route.fulfill: the browser lets no script without an address read from local servers.
  const url = `http://127.0.0.1:${server.address().port}/`;
  await context.route("**/worker-*.js", (route) => route.continue({ url }));
  context.once("close", () => {
    server.close();
    server.closeAllConnections();
  });
}

const HEADERS = { "content-type": "text/javascript", "access-control-allow-origin": "*" };

/**
 * Wraps one of the wasm's exports: `wrap` is called in the worker with it and with `trap`, and returns what takes its
 * place. `trap()` makes the wasm's next call of the browser exhaust its memory: a real trap, with the wasm's frames
 * and what they have borrowed still there, as after a panic.
 */
export const wrapExport = (name, wrap) => `{
  const { instantiateStreaming } = WebAssembly;
  WebAssembly.instantiateStreaming = async (source, imports) => {
    let exports;
    let armed = false;
    const trap = () => {
      armed = true;
    };
    for (const functions of Object.values(imports)) {
      for (const [name, call] of Object.entries(functions)) {
        if (typeof call !== "function") continue;
        functions[name] = (...args) => {
          while (armed) exports.__wbindgen_malloc(2 ** 31 - 64, 8);
          return call(...args);
        };
      }
    }
    const { module, instance } = await instantiateStreaming.call(WebAssembly, source, imports);
    exports = instance.exports;
    const wrapped = { ...exports, ${name}: (${wrap})(exports.${name}, trap) };
    return { module, instance: { exports: wrapped } };
  };
}`;

/** A GPU that computes with something else than what it was given. */
export const CORRUPT_UPLOADS = `{
  const { writeBuffer } = GPUQueue.prototype;
  GPUQueue.prototype.writeBuffer = function (buffer, offset, data, from = 0, size = data.length - from) {
    const copy = new Uint8Array(data.buffer ?? data, (data.byteOffset ?? 0) + from, size).slice();
    // Only what is long enough to be weights: wrong shapes would be another fault.
    if (size >= 4096) copy.fill(0, size / 2);
    return writeBuffer.call(this, buffer, offset, copy);
  };
}`;
