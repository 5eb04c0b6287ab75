// Runs test files, in this order and so many at a time: `node scripts/lib/test-files.mjs COUNT FILE…`. A process of its own,
// because the files inherit its environment.
import { run } from "node:test";
import { spec as Spec } from "node:test/reporters";

/** A file that hangs fails, and the others are run. */
const TIMEOUT_MS = 20 * 60_000;

const [atOnce, ...files] = process.argv.slice(2);
run({ files, concurrency: Number(atOnce), timeout: TIMEOUT_MS })
  .on("test:fail", () => {
    process.exitCode = 1;
  })
  .compose(new Spec())
  .pipe(process.stdout);
