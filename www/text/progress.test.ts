import { describe, expect, it } from "vitest";
import type { LoadStep } from "../door/protocol.ts";
import { loadText, runText, spokenLoadText } from "./progress.ts";

const STEP: LoadStep = {
  phase: "load",
  stage: "download",
  what: "model.safetensors",
  done: 187e6,
  total: 548e6,
  rate: 12e6,
  tensor: "h.3.mlp",
  uploads: false,
  retry: null,
};

describe("while a file comes", () => {
  it("counts bytes, with rate, time left and what is processed", () => {
    expect(loadText(STEP, 0)).toBe(
      "Downloading model.safetensors · 34% · 187 MB of 548 MB · 12 MB/s · about 31 s left · processing h.3.mlp",
    );
  });

  it("says that a GPU gets what is processed", () => {
    expect(loadText({ ...STEP, uploads: true }, 0)).toMatch(/ · processing and uploading h\.3\.mlp$/);
  });

  it("has no percentage where the end is unknown", () => {
    const step: LoadStep = { ...STEP, stage: "read", total: null, tensor: "" };
    expect(loadText(step, 0)).toBe("Reading model.safetensors · 187 MB · 12 MB/s");
    expect(loadText({ ...step, done: 0, rate: null }, 0)).toBe("Reading model.safetensors");
  });

  it("guesses no time without a rate, and none at the end", () => {
    const most = "Downloading model.safetensors · 34% · 187 MB of 548 MB";
    expect(loadText({ ...STEP, rate: null, tensor: "" }, 0)).toBe(most);
    expect(loadText({ ...STEP, rate: 0, tensor: "" }, 0)).toBe(`${most} · 0 bytes/s`);
    expect(loadText({ ...STEP, done: 548e6, tensor: "" }, 0)).toMatch(/100% · 548 MB of 548 MB · 12 MB\/s$/);
  });

  it("prints no page of a tensor's name", () => {
    expect(loadText({ ...STEP, tensor: "x".repeat(1000) }, 0).length).toBeLessThan(200);
  });
});

it("counts down to the next try", () => {
  const retry = { why: "the server answered 503 Service Unavailable", attempt: 2, of: 5, ms: 10_000 };
  const step: LoadStep = { ...STEP, stage: "retry", retry };
  const said = "The server answered 503 Service Unavailable; trying again";
  expect(loadText(step, 6100)).toBe(`${said} in 4 s (try 2 of 5)`);
  expect(loadText(step, 9999)).toBe(`${said} in 1 s (try 2 of 5)`);
  expect(loadText(step, 10_500)).toBe(`${said} now (try 2 of 5)`);
  expect(spokenLoadText(step)).toBe(`${said}.`);
});

it("names the other stages", () => {
  const named = (stage: LoadStep["stage"], what: string) =>
    loadText({ ...STEP, stage, what, done: 0, total: null, rate: null, tensor: "" }, 0);
  expect(named("wait", "")).toMatch(/^Another tab is loading this model: waiting/);
  expect(named("fetch", "the GPU's program")).toBe("Fetching the GPU's program");
  expect(named("verify", "model.safetensors")).toBe("Verifying model.safetensors: comparing its SHA-256");
  expect(named("process", "the model")).toBe("Preparing the model");
  expect(named("compile", "")).toMatch(/^Compiling the GPU's kernels/);
});

it("is spoken without what changes all the time", () => {
  expect(spokenLoadText(STEP)).toBe("Downloading model.safetensors · 34%");
});

describe("a run", () => {
  const step = { phase: "run", step: "batch 1 of 9: clean run, layer 3", done: 1, total: 90 } as const;

  it("guesses no time from the first second", () => {
    expect(runText(step, 900)).toBe("batch 1 of 9: clean run, layer 3 · 1%");
    expect(runText({ ...step, done: 30 }, 60_000)).toBe(
      "batch 1 of 9: clean run, layer 3 · 33% · about 2 min 0 s left",
    );
  });

  it("has no percentage where the end is unknown", () => {
    expect(runText({ ...step, total: null }, 5000)).toBe("batch 1 of 9: clean run, layer 3");
  });
});
