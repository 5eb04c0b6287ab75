// `npm start`: set up, build, and serve the production site. `--port N` (4173, or the next free one, without it).
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { Failure, main, ROOT, say } from "./lib/run.mjs";
import { serve } from "./lib/serve.mjs";
import { setup } from "./setup.mjs";

const PORT = 4173;

function wantedPort() {
  try {
    const { port } = parseArgs({ options: { port: { type: "string" } } }).values;
    if (port === undefined) return null;
    if (/^\d+$/.test(port) && Number(port) < 65536) return Number(port);
    throw new Error(`--port ${port}: expected a number below 65536`);
  } catch (error) {
    throw new Failure(error.message, 2);
  }
}

async function serveOnFreePort(dir, wanted) {
  const ports = wanted === null ? Array.from({ length: 20 }, (_, i) => PORT + i) : [wanted];
  for (const port of ports) {
    try {
      return await serve(dir, { port });
    } catch (error) {
      if (error.code !== "EADDRINUSE" && error.code !== "EACCES") throw error;
      say(`port ${port} is not free`);
    }
  }
  throw new Failure("no free port: name another with -- --port N");
}

main(async () => {
  const port = wantedPort();
  await setup();
  await build();
  const site = await serveOnFreePort(join(ROOT, "dist"), port);
  console.log(`Patchbay: ${site.url} (stop with Ctrl-C)`);
});
