import { beforeEach, expect, it, vi } from "vitest";
import { NamedError } from "../door/errors.ts";
import type { ModelRequest, Sent } from "../door/protocol.ts";
import { sourceKey, urlSource } from "../door/sources.ts";
import { forgetLoaded, loadModel } from "./models.ts";
import { type Reading, readModel } from "./read-model.ts";

vi.mock("./read-model.ts", () => ({
  storeKey: async (of: Parameters<typeof sourceKey>[0]) => sourceKey(of),
  readModel: vi.fn(async ({ coming }: Reading) => {
    coming();
    const model = {
      device: () => ({ device: "cpu", adapter: "CPU" }),
      info: () => ({}),
      free: () => undefined,
    };
    return { model, origin: { from: "network" } };
  }),
}));

const source = urlSource("url:https://models.test/m/");
const load = async (request: Partial<Sent<ModelRequest>> = {}) => {
  const all = { source, device: "cpu", head: null, unasked: false, refused: null, ...request } as const;
  return (await loadModel(all, new AbortController().signal, () => undefined)).origin.from;
};

beforeEach(() => {
  vi.mocked(readModel).mockClear();
});

it("a model is read once, and used again from memory", async () => {
  expect([await load(), await load(), await load({ unasked: true })]).toEqual([
    "network",
    "memory",
    "memory",
  ]);
  expect(readModel).toHaveBeenCalledTimes(1);
});

it("what the CPU has no room for is said with why it is not the GPU's", async () => {
  vi.mocked(readModel).mockRejectedValueOnce(new NamedError("DeviceError", "no room"));
  const other = urlSource("url:https://models.test/other/");
  await expect(load({ source: other, device: "auto", refused: "it is ill" })).rejects.toMatchObject({
    name: "DeviceError",
    message: "no room (the GPU was refused; using the CPU. it is ill)",
  });
  vi.mocked(readModel).mockRejectedValueOnce(new NamedError("DeviceError", "no room"));
  await expect(load({ source: other })).rejects.toMatchObject({
    message: "no room",
  });
});

it("a model that was deleted is read again for who asks, and never for what the page asks by itself", async () => {
  await load();
  forgetLoaded(sourceKey(source));
  await expect(load({ unasked: true })).rejects.toMatchObject({ name: "Cancelled" });
  expect(readModel).not.toHaveBeenCalled();
  expect([await load(), await load({ unasked: true })]).toEqual(["network", "memory"]);
});
