import { expect, it, vi } from "vitest";
import { NamedError } from "../door/errors.ts";
import { freeQuietly, isFatal, unlessFatal } from "./fatal.ts";

it("takes traps and stack overflows for fatal, and nothing else", () => {
  const overflow = () => {
    const deeper = (): number => 1 + deeper();
    try {
      return deeper();
    } catch (error) {
      return error;
    }
  };
  expect(isFatal(new WebAssembly.RuntimeError("unreachable"))).toBe(true);
  expect(isFatal(overflow())).toBe(true);
  expect(isFatal(new RangeError("Invalid array length"))).toBe(false);
  expect(isFatal(new Error("no such layer"))).toBe(false);
  expect(isFatal("unreachable")).toBe(false);
});

it("takes what a browser's GPU throws through the wasm for fatal, and no error that has words of ours", () => {
  const named = (name: string) => Object.assign(new Error("no such head"), { name });
  expect(isFatal(new RangeError("createBuffer failed"), true)).toBe(true);
  expect(isFatal(new TypeError("createBindGroup: no such layout"), true)).toBe(true);
  for (const name of ["BadInput", "BadModel", "BadHook", "DeviceError"])
    expect(isFatal(named(name), true)).toBe(false);
  expect(isFatal(new NamedError("Cancelled", "Cancelled."), true)).toBe(false);
  expect(isFatal("text", true)).toBe(false);
});

it("lets no failing free() hide what came before it", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const borrowed = {
    free() {
      throw new Error("attempted to take ownership of Rust value while it was borrowed");
    },
  };
  const work = async () => {
    try {
      throw new WebAssembly.RuntimeError("unreachable");
    } finally {
      freeQuietly(borrowed);
    }
  };
  const fatal = { name: "RuntimeError", restart: true, message: expect.stringContaining("unreachable") };
  await expect(unlessFatal(work)).rejects.toMatchObject(fatal);
  expect(warn).toHaveBeenCalledOnce();
  // The wasm is poisoned: nothing more is asked of it.
  await expect(unlessFatal(async () => 1)).rejects.toMatchObject(fatal);
});
