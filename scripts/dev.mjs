// `npm run dev`: Vite's development server on the crate's current wasm, not optimised. Arguments go to Vite.
import { build } from "./build.mjs";
import { main, node, npmBin } from "./lib/run.mjs";
import { setup } from "./setup.mjs";

main(async () => {
  await setup();
  await build({ only: ["cpu", "gpu"], optimise: false });
  await node(npmBin("vite"), process.argv.slice(2));
});
