// `npm start`: set up, build, and serve the production site. `--port N` (4173, or the next free one, without it).
// The GPU's program takes most of the time and few need it: where it is not built yet, that happens while the page is served.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { addGpu, buildSiteToCome, tellPage } from "./build/gpu-comes.mjs";
import { isBuilt } from "./build/programs.mjs";
import { build } from "./build.mjs";
import { Failure, main, ROOT, say } from "./lib/run.mjs";
import { serve } from "./lib/serve.mjs";

const PORT = 4173;
const DIST = join(ROOT, "dist");

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
  const whole = await isBuilt("gpu");
  if (whole) await build();
  else {
    await build({ only: ["cpu"] });
    await buildSiteToCome(DIST);
  }
  const site = await serveOnFreePort(DIST, port);
  console.log(`Patchbay: ${site.url} (stop with Ctrl-C)`);
  if (!whole) await gpuAfterwards();
});

async function gpuAfterwards() {
  say("The page is there. The GPU's program is still being built; the page says when it is ready.");
  try {
    await build({ only: ["gpu"] });
    addGpu(DIST);
    say("The GPU's program is ready: the page's next run can take a GPU.");
  } catch (error) {
    tellPage(DIST, "failed");
    throw error;
  }
}
