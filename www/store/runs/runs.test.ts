import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Answer } from "../tasks/task.ts";

/** A browser's storage, which another tab may use as well. */
const disk = new Map<string, unknown>();
let refusal: Error | null = null;
vi.mock("idb-keyval", () => {
  const use = async <R>(work: () => R) => {
    if (refusal !== null) throw refusal;
    return work();
  };
  return {
    createStore: () => null,
    keys: () => use(() => [...disk.keys()]),
    get: (key: string) => use(() => structuredClone(disk.get(key))),
    set: (key: string, value: unknown) => use(() => disk.set(key, structuredClone(value))),
    del: (key: string) => use(() => disk.delete(key)),
  };
});

/** A tab that is opened now. */
async function tab() {
  vi.resetModules();
  const runs = await import("./runs.ts");
  await runs.restoreRuns();
  const numbers = () => runs.runs.value.map(({ number }) => number);
  const keep = (answer: Answer) => runs.keep("place", { answer: { value: answer } } as never);
  return { ...runs, numbers, keep };
}

const answer = (seed: string, more: { model?: string; numbers?: number; gpu?: boolean } = {}): Answer =>
  ({
    key: `key ${seed}`,
    date: "2026-01-02T03:04:05.678Z",
    asked: {
      question: { analysis: "experiment", texts: { seed } },
      model: more.model ?? "ioi-mini",
      device: "auto",
      source: {
        kind: "folder",
        id: "folder",
        key: "folder 1",
        files: new Map([["a", new File(["secret"], "a")]]),
      },
    },
    reply: {
      result: { conditions: { clean: { mean_diff: 1, diff: Array(more.numbers ?? 2).fill(1) } } },
      report: {
        about: "head 1.2",
        stem: "L1H2",
        answer: `Seed ${seed}.`,
        notes: [],
        tables: [],
        figures: [],
      },
      left_out: [],
      model: { n_layer: 2, n_head: 4, d_model: 64, parameters: 1 },
      device: { device: more.gpu ? "gpu" : "cpu", adapter: "", self_check: null },
      note: null,
      origin: { from: "site", sha256: "a", config_sha256: "b", tokenizer_sha256: "c", notes: [] },
      timings_ms: { load: 1, run: 1 },
    },
  }) as unknown as Answer;

const soon = () => new Promise((done) => setTimeout(done, 30));

beforeEach(() => {
  vi.stubGlobal("document", { baseURI: "https://page.test/" });
  disk.clear();
  refusal = null;
});

describe("finished runs", () => {
  it("are there again after a reload, with their numbers, answers and settings", async () => {
    const first = await tab();
    await first.keep(answer("1"));
    await first.keep(answer("2"));
    const second = await tab();
    expect(second.numbers()).toEqual([2, 1]);
    expect(second.runs.value[0]?.answer).toMatchObject({
      key: "key 2",
      asked: { question: { texts: { seed: "2" } }, model: "ioi-mini", source: { kind: "site" } },
      reply: { report: { answer: "Seed 2." } },
    });
    await second.keep(answer("3"));
    expect(second.numbers()).toEqual([3, 2, 1]);
  });

  it("are one where the same is asked again and the numbers are the same", async () => {
    const it = await tab();
    await it.keep(answer("1"));
    await it.keep(answer("2"));
    const again = answer("1");
    await it.keep(again);
    expect(it.numbers()).toEqual([2, 1]);
    expect(it.runs.value[1]?.answer, "so that the list knows which is shown").toBe(again);
    await it.keep(answer("1", { gpu: true }));
    expect(it.numbers()).toEqual([3, 2, 1]);
    expect(disk.size).toBe(3);
  });

  it("are 20 at most, and fewer where they are very large", async () => {
    const it = await tab();
    for (let seed = 1; seed <= 22; seed += 1) await it.keep(answer(String(seed)));
    expect(it.numbers()).toEqual(Array.from({ length: 20 }, (_, i) => 22 - i));
    await soon();
    expect(disk.size).toBe(20);
    const large = (seed: string) => ({ ...it.runs.value[0], answer: answer(seed, { numbers: 1_400_000 }) });
    expect(it.newest([large("a"), large("b"), large("c")] as never)).toHaveLength(2);
    const huge = { ...it.runs.value[0], answer: answer("d", { numbers: 4_000_000 }) };
    expect(it.newest([huge] as never)).toHaveLength(1);
  });

  it("are removed for good", async () => {
    const first = await tab();
    await first.keep(answer("1"));
    await first.keep(answer("2"));
    const [newer] = first.runs.value;
    if (newer) await first.removeRun(newer);
    expect((await tab()).numbers()).toEqual([1]);
  });

  it("are seen by other tabs, and removed in them", async () => {
    const [one, other] = [await tab(), await tab()];
    await one.keep(answer("1"));
    await soon();
    expect(other.numbers()).toEqual([1]);
    await other.keep(answer("2"));
    await soon();
    expect(one.numbers()).toEqual([2, 1]);
    const [newer] = one.runs.value;
    if (newer) await one.removeRun(newer);
    await soon();
    expect(other.numbers()).toEqual([1]);
  });
});

describe("what is kept", () => {
  it("holds neither a folder's files nor the query of an address", async () => {
    const it = await tab();
    const { urlSource } = await import("../../door/sources.ts");
    const signed = answer("1", { model: "url:https://s3.test/m/" });
    await it.keep({
      ...signed,
      asked: { ...signed.asked, source: urlSource("url:https://s3.test/m/?X-Sig=secret") },
    });
    await it.keep(answer("2", { model: "folder" }));
    expect(JSON.stringify([...disk])).not.toMatch(/secret|"files"/);
    const [ofFolder, ofAddress] = (await tab()).runs.value;
    expect(ofAddress?.answer.asked.source).toMatchObject({ base: "https://s3.test/m/", query: "" });
    expect(ofFolder?.answer.key, "no folder that is picked now is known to be that one").toBe("");
  });

  it("is no error where it cannot be read: it is said, and can be deleted", async () => {
    await (await tab()).keep(answer("1"));
    const [[key, good]] = [...disk] as [[string, { answer: { reply: { report: object } } }]];
    const broken = [
      null,
      "text",
      { ...good, format: 2 },
      { ...good, answer: { ...good.answer, asked: { ...answer("1").asked, model: "url:file:///x" } } },
      {
        ...good,
        answer: {
          ...good.answer,
          reply: { ...good.answer.reply, report: { about: "", answer: 7 } },
        },
      },
    ];
    for (const [i, record] of broken.entries()) disk.set(`broken ${i}`, record);
    disk.set("of another version", { ...good, number: 9, version: "0.0.1" });
    const it = await tab();
    expect(it.numbers()).toEqual([9, 1]);
    expect(it.runs.value[0]?.version).toBe("0.0.1");
    expect(it.unreadableRuns.value).toHaveLength(broken.length);
    await it.removeUnreadable();
    expect(it.unreadableRuns.value).toEqual([]);
    expect([...disk.keys()]).toEqual([key, "of another version"]);
  });

  it("is nothing on a full disk: the run stays in this tab, and that is said", async () => {
    const it = await tab();
    refusal = new DOMException("quota", "QuotaExceededError");
    await it.keep(answer("1"));
    expect(it.numbers()).toEqual([1]);
    expect(it.unkept.value).toMatch(/^Run 1 is not kept for the next visit: the storage is full\./);
    refusal = null;
    await it.keep(answer("2"));
    expect(it.unkept.value).toBeNull();
    expect(it.numbers(), "what another tab does leaves it alone").toEqual([2, 1]);
  });

  it("is nothing where the browser has no such storage", async () => {
    refusal = new DOMException("denied", "SecurityError");
    const it = await tab();
    expect(it.unkept.value).toMatch(/^Runs are not kept for the next visit: denied\./);
    await it.keep(answer("1"));
    expect(it.numbers()).toEqual([1]);
  });
});
