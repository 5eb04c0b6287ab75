import { defineConfig } from "vitest/config";

export default defineConfig({
  root: ".",
  // Relative URLs: the built folder works under any path (GitHub Pages serves it from /<repository>/).
  base: "./",
  publicDir: false,
  build: {
    outDir: "dist",
    target: "es2023",
    // The wasm files are fetched by URL and compiled while they stream; never inline them.
    assetsInlineLimit: 0,
  },
  // A module worker, so that the GPU build stays a chunk of its own and is only fetched when it is used.
  worker: { format: "es" },
  test: {
    include: ["www/**/*.test.ts"],
    environment: "node",
  },
});
