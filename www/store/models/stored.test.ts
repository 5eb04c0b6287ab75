// @vitest-environment happy-dom

import { signal } from "@preact/signals";
import { beforeEach, describe, expect, it, vi } from "vitest";

const lab = { stored: vi.fn(), forget: vi.fn(), standing: vi.fn() };
const current = signal<unknown>(null);
vi.mock("../tasks/queue.ts", () => ({ lab, current }));
const storage = { persist: vi.fn(), persisted: vi.fn() };
Object.defineProperty(navigator, "storage", { value: storage });

const { HUB_ID, MINI_ID } = await import("../../door/sources.ts");
const { lastModel } = await import("./models.ts");
const { model } = await import("../session.ts");
const {
  askToPersist,
  declined,
  forget,
  modelUsed,
  offered,
  persistent,
  refreshStored,
  standingOf,
  stored,
  storedNews,
  storedOf,
  unreadable,
  unstored,
  watchStored,
} = await import("./stored.ts");

const OTHER = "url:https://models.test/m/";
const kept = (id: string, more = {}) => ({
  key: id,
  id,
  revision: null,
  bytes: 549e6,
  total: 549e6,
  complete: true,
  date: "2026-11-20T14:05:00Z",
  sha256: null,
  unreadable: null,
  ...more,
});
const report = (...models: ReturnType<typeof kept>[]) => ({
  unavailable: null,
  models,
  usage: null,
  quota: null,
});

const settle = () => new Promise((done) => setTimeout(done, 20));

beforeEach(() => {
  lab.stored.mockResolvedValue(report());
  lab.standing.mockResolvedValue({ key: "", standing: "unknown" });
  storage.persisted.mockResolvedValue(false);
  model.value = MINI_ID;
});

describe("what is stored", () => {
  it("is told to the page and to tools", async () => {
    lab.stored.mockResolvedValue(report(kept(OTHER)));
    await refreshStored();
    expect(storedOf(OTHER)?.bytes).toBe(549e6);
    expect(storedOf(OTHER.slice(0, -1))?.bytes, "without the slash it is the same address").toBe(549e6);
    expect(storedOf(HUB_ID)).toBeNull();
    expect(window.patchbay.stored).toBe(stored.value);
  });

  it("is said not to be known where it cannot be read, until it can", async () => {
    lab.stored.mockRejectedValueOnce(new Error("the disk is broken"));
    await refreshStored();
    expect(unreadable.value).toBe("What is stored could not be read: the disk is broken");
    await refreshStored();
    expect(unreadable.value).toBeNull();
  });

  it("is what was asked for last, whichever answer comes first", async () => {
    let late: (report: unknown) => void = () => undefined;
    lab.stored.mockReturnValueOnce(new Promise((done) => (late = done)));
    const first = refreshStored();
    lab.stored.mockResolvedValueOnce(report(kept(OTHER)));
    await refreshStored();
    late(report());
    await first;
    expect(stored.value?.models).toHaveLength(1);
  });
});

describe("the offer of the last model", () => {
  it("is made while another one is set and its files are whole", async () => {
    lastModel.value = HUB_ID;
    lab.stored.mockResolvedValue(report(kept(HUB_ID)));
    await refreshStored();
    expect(offered.value).toBe(HUB_ID);
    model.value = HUB_ID;
    expect(offered.value).toBeNull();
  });

  it("is not made of a part, which would be a download", async () => {
    lastModel.value = HUB_ID;
    lab.stored.mockResolvedValue(report(kept(HUB_ID, { complete: false })));
    await refreshStored();
    expect(offered.value).toBeNull();
  });
});

describe("deleting", () => {
  it("says what was deleted", async () => {
    lab.forget.mockResolvedValueOnce(undefined);
    await forget(kept(OTHER), "the model");
    expect(lab.forget).toHaveBeenLastCalledWith(OTHER);
    expect(storedNews.value).toBe("Deleted: the model, 549 MB.");
  });

  it("says why a model in use was not", async () => {
    lab.forget.mockRejectedValueOnce(new Error("A tab is reading it."));
    await forget(kept(OTHER), "the model");
    expect(storedNews.value).toBe("Not deleted: the model. A tab is reading it.");
  });
});

describe("after a run", () => {
  const answer = (id: string, origin: object) =>
    ({
      asked: { model: id, source: { kind: id === MINI_ID ? "site" : "url", id } },
      reply: { origin: { unstored: null, ...origin } },
    }) as never;
  it("the model is the last one, and why it is not kept is known", () => {
    modelUsed(answer(OTHER, { from: "network", unstored: "No room." }));
    expect([lastModel.value, unstored.value]).toEqual([OTHER, "No room."]);
    modelUsed(answer(OTHER, { from: "memory" }));
    expect(unstored.value).toBeNull();
  });

  it("a copy is compared with what its address has, and a replaced one can be had anew", async () => {
    lab.standing.mockResolvedValueOnce({ key: OTHER, standing: "replaced" });
    modelUsed(answer(OTHER, { from: "storage" }));
    await settle();
    expect(standingOf(kept(OTHER))).toBe("replaced");
    lab.forget.mockResolvedValueOnce(undefined);
    await forget(kept(OTHER), "the model");
    expect(storedNews.value).toMatch(/The next run downloads the new one\.$/);
    expect(standingOf(kept(OTHER))).toBe("unknown");
  });

  it("a server that does not answer says nothing of the copy; the page's own model has none", async () => {
    lab.standing.mockClear().mockRejectedValueOnce(new Error("no network"));
    modelUsed(answer("url:https://models.test/n/", { from: "memory" }));
    await settle();
    expect(standingOf(kept("url:https://models.test/n/"))).toBeUndefined();
    modelUsed(answer(MINI_ID, { from: "memory" }));
    expect(lab.standing).toHaveBeenCalledTimes(1);
  });
});

describe("as the page is used", () => {
  it("is read again after each run, when the page is seen again, and when another tab deletes something", async () => {
    watchStored();
    await settle();
    const before = lab.stored.mock.calls.length;
    current.value = { step: signal(null) };
    expect(lab.stored).toHaveBeenCalledTimes(before);
    current.value = null;
    expect(lab.stored).toHaveBeenCalledTimes(before + 1);
    document.dispatchEvent(new Event("visibilitychange"));
    expect(lab.stored).toHaveBeenCalledTimes(before + 2);
    new BroadcastChannel("patchbay forgotten models").postMessage("key");
    await settle();
    expect(lab.stored).toHaveBeenCalledTimes(before + 3);
  });

  it("the browser is asked once to keep it, when the weights come, and again when somebody presses", async () => {
    const coming = (what: string, stage = "download") => {
      current.value = { step: signal({ phase: "load", stage, what }) };
    };
    storage.persist.mockResolvedValue(false);
    coming("config.json");
    coming("model.safetensors", "read");
    await settle();
    expect(storage.persist).not.toHaveBeenCalled();
    coming("model.safetensors");
    coming("model.safetensors");
    await settle();
    expect(storage.persist).toHaveBeenCalledTimes(1);
    expect([persistent.value, declined.value]).toEqual([false, true]);
    storage.persist.mockResolvedValue(true);
    storage.persisted.mockResolvedValue(true);
    await askToPersist();
    expect([persistent.value, declined.value]).toEqual([true, false]);
  });
});
