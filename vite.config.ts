import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { type Elsewhere, gpuElsewhere } from "./www/offline/gpu-elsewhere.ts";
import ISOLATION from "./www/offline/isolation.json" with { type: "json" };
import { SERVICE_WORKER, siteFiles } from "./www/offline/site-files.ts";

/** Set by `npm start` and `npm run dev`, see scripts/. */
const elsewhere = process.env.PATCHBAY_GPU as Elsewhere | undefined;
const comes = elsewhere === "comes";

const ofGpu = (path: string | null | undefined) => path?.includes("pkg/gpu/") ?? false;

/** For the development server's error overlay, which brings its styles along. */
const overlayStyles: Plugin = {
  name: "overlay-styles",
  apply: "serve",
  transformIndexHtml: (html) => html.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'"),
};

export default defineConfig({
  root: ".",
  // Relative URLs: the built folder works under any path (GitHub Pages serves it from /<repository>/).
  base: "./",
  publicDir: "www/public",
  plugins: [overlayStyles, !comes && siteFiles("www/public"), elsewhere && gpuElsewhere(elsewhere)],
  define: { GPU_COMES: comes },
  // Cargo writes thousands of files there.
  server: { headers: ISOLATION, watch: { ignored: ["**/target/**"] } },
  build: {
    outDir: "dist",
    target: "es2023",
    // The wasm files are fetched by URL and compiled while they stream; never inline them.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: {
        index: "index.html",
        "service-worker": `www/offline/${comes ? "no-" : ""}service-worker.ts`,
      },
      output: {
        entryFileNames: ({ name }) =>
          name === "service-worker" ? SERVICE_WORKER : "assets/[name]-[hash].js",
      },
    },
  },
  // A module worker, so that the GPU build stays a chunk of its own and is only fetched when it is used.
  worker: {
    format: "es",
    plugins: () => (elsewhere ? [gpuElsewhere(elsewhere)] : []),
    rolldownOptions: {
      output: {
        // The two builds have the same file names; the service worker has to tell them apart.
        chunkFileNames: ({ moduleIds }) => `assets/${moduleIds.some(ofGpu) ? "gpu-" : ""}[name]-[hash].js`,
        assetFileNames: ({ originalFileNames }) =>
          `assets/${originalFileNames.some(ofGpu) ? "gpu-" : ""}[name]-[hash][extname]`,
      },
    },
  },
  test: {
    include: ["www/**/*.test.{ts,tsx}"],
    environment: "node",
    // Some talk to servers of their own, on machines that may be busy.
    testTimeout: 30_000,
  },
});
