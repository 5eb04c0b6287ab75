import { describe, expect, it } from "vitest";
import {
  type AdapterLike,
  adapterText,
  describeAdapter,
  missingWebgpu,
  planDevice,
  probeAdapter,
} from "./adapter.ts";

const info = { vendor: "", architecture: "", device: "", description: "" };
const REAL: AdapterLike = { info: { ...info, vendor: "nvidia", architecture: "ampere" } };

describe("describeAdapter", () => {
  it.each<[string, AdapterLike, string]>([
    ["SwiftShader", { info: { ...info, vendor: "google", architecture: "swiftshader" } }, "SwiftShader"],
    ["llvmpipe", { info: { ...info, description: "llvmpipe (LLVM 15.0.6, 256 bits)" } }, "llvmpipe"],
    ["WARP", { info: { ...info, device: "Microsoft Basic Render Driver" } }, "Microsoft Basic Render"],
    ["an older fallback", { isFallbackAdapter: true, info }, "of the browser"],
    ["a newer fallback", { info: { ...info, vendor: "x", isFallbackAdapter: true } }, "x"],
  ])("%s is software", (_, adapter, name) => {
    expect(describeAdapter(adapter)).toMatchObject({ found: "software", name });
  });

  it("knows a GPU", () => expect(describeAdapter(REAL)).toEqual({ found: "gpu", text: "nvidia ampere" }));
});

describe("adapterText", () => {
  it("says each part once, and what the wasm says where the browser says nothing", () => {
    const parts = { vendor: "apple", architecture: "metal-3", device: "", description: "apple" };
    expect(adapterText(describeAdapter({ info: parts }), "GPU")).toBe("apple metal-3");
    expect(adapterText(describeAdapter({ info }), "GPU")).toBe("GPU");
    expect(adapterText({ found: "none", reason: "" }, "GPU")).toBe("GPU");
  });
});

describe("probeAdapter", () => {
  it("takes no for an answer in all its forms", async () => {
    expect(await probeAdapter(undefined)).toEqual({ found: "none", reason: "this browser has no WebGPU" });
    expect(await probeAdapter({ requestAdapter: async () => null })).toEqual({
      found: "none",
      reason: "WebGPU offers no adapter",
    });
    const throwing = {
      requestAdapter: async () => {
        throw new Error("blocked");
      },
    };
    expect(await probeAdapter(throwing)).toMatchObject({
      found: "none",
      reason: expect.stringContaining("blocked"),
    });
  });
});

describe("planDevice", () => {
  const gpu = { found: "gpu", text: "nvidia ampere" } as const;
  const software = { found: "software", name: "SwiftShader", text: "google swiftshader" } as const;
  const none = { found: "none", reason: "this browser has no WebGPU" } as const;

  it("auto takes a real GPU only", () => {
    expect(planDevice("auto", gpu, null)).toEqual({ device: "gpu", note: null });
    expect(planDevice("auto", software, null)).toEqual({
      device: "cpu",
      note: "no GPU: software adapter SwiftShader; using the CPU",
    });
    expect(planDevice("auto", none, null).note).toBe("no GPU: this browser has no WebGPU; using the CPU");
  });

  it("what is asked for is taken", () => {
    expect(planDevice("cpu", gpu, null)).toEqual({ device: "cpu", note: null });
    expect(planDevice("webgpu", software, null)).toEqual({ device: "gpu", note: null });
  });

  it("a refused GPU is not tried again", () => {
    for (const choice of ["auto", "webgpu"] as const) {
      expect(planDevice(choice, gpu, "It differs by 0.1.")).toEqual({
        device: "cpu",
        note: "the GPU was refused; using the CPU. It differs by 0.1.",
      });
    }
  });

  it("says what to do where WebGPU is asked for and missing", () => {
    expect(missingWebgpu("webgpu", none)).toMatch(/this browser has no WebGPU\. Set Device to auto or cpu/);
    expect(missingWebgpu("webgpu", software)).toBeNull();
    expect(missingWebgpu("auto", none)).toBeNull();
  });
});
