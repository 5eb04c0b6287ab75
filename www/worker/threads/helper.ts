// A thread that does its part of each product, in the computing worker's memory; see crate/kernels/src/pool.rs. It is asleep
// between products, and ends with the worker that began it.

import type { Patchbay } from "../packages.ts";

export type Helper = NonNullable<ReturnType<Patchbay["newHelper"]>>;

interface Products {
  come(pool: number): void;
  help(pool: number, which: number, own: number): void;
}

addEventListener("message", ({ data }) => help(data as Helper), { once: true });

function help({ module, memory, pool, which, own }: Helper): void {
  // It wakes nobody.
  const wake = () => undefined;
  const { exports } = new WebAssembly.Instance(module, { env: { memory, wake } });
  const products = exports as unknown as Products;
  const count = new Int32Array(memory.buffer, pool, 1);
  products.come(pool);
  for (;;) {
    const before = Atomics.load(count, 0);
    products.help(pool, which, own);
    // At once, if there is another product by now.
    Atomics.wait(count, 0, before);
  }
}
