// A thread that does its part of each product, in the computing worker's memory; see crate/kernels/src/threads.rs. It is asleep
// between products, and ends with the worker that began it.

import type { Patchbay } from "../packages.ts";

export type Helper = NonNullable<ReturnType<Patchbay["newHelper"]>>;

interface Products {
  come(pool: number): void;
  help(pool: number, which: number, own: number): void;
}

/** A browser ends a worker that is asleep by force, seconds after its page; so it looks whether it is to end. */
const LOOK_MS = 500;

addEventListener("message", ({ data }) => help(data as Helper), { once: true });

function help({ module, memory, pool, which, own }: Helper): void {
  // It wakes nobody.
  const wake = () => undefined;
  const { exports } = new WebAssembly.Instance(module, { env: { memory, wake } });
  const products = exports as unknown as Products;
  const count = new Int32Array(memory.buffer, pool, 1);
  products.come(pool);
  const work = () => {
    for (let woken = true; woken; ) {
      const before = Atomics.load(count, 0);
      products.help(pool, which, own);
      // At once, if there is another product by now.
      woken = Atomics.wait(count, 0, before, LOOK_MS) !== "timed-out";
    }
    setTimeout(work);
  };
  work();
}
