import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HUB_ID, MINI_ID } from "../../door/sources.ts";
import { folder, known, model, problems, texts } from "../session.ts";
import { chooseFolder, chooseModel, lastModel, remember, source } from "./models.ts";

const OTHER = "url:https://models.test/m/";
const kept = new Map<string, string>();
const head = () => [texts.value.layer, texts.value.head];
const chosen = (layer: string, head: string) => {
  texts.value = { ...texts.value, layer, head };
};

beforeEach(() => {
  kept.clear();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
  model.value = HUB_ID;
  folder.value = null;
  known.value = null;
  texts.value = { n: "20", layer: "", head: "" };
});
afterEach(() => vi.unstubAllGlobals());

describe("choosing a model", () => {
  it("takes effect with the next run, and leaves the other settings alone", () => {
    problems.value = [
      { field: "model", message: "wrong" },
      { field: "n", message: "wrong" },
    ];
    chooseModel(OTHER);
    expect(model.value).toBe(OTHER);
    expect(texts.value.n).toBe("20");
    expect(problems.value.map(({ field }) => field)).toEqual(["n"]);
  });

  it("refuses an address with what is wrong with it, and changes nothing", () => {
    expect(() => chooseModel("url:nonsense")).toThrow(/expected OWNER\/NAME.*found "nonsense"/);
    expect(model.value).toBe(HUB_ID);
  });

  it("takes the hub's own address for the hub's model, and keeps a signature out of the id", () => {
    chooseModel("url:openai-community/gpt2");
    expect(model.value).toBe(HUB_ID);
    chooseModel(`${OTHER}?X-Sig=secret`);
    expect(model.value).toBe(OTHER);
    expect(source()).toMatchObject({ kind: "url", query: "?X-Sig=secret" });
  });

  it("takes a folder with the files of a model, and another one as another model", () => {
    const files = ["config.json", "tokenizer.json", "model.safetensors"].map((name) =>
      Object.assign(new File([""], name), { webkitRelativePath: `m/${name}` }),
    );
    chooseFolder(files);
    const first = folder.value;
    expect([model.value, source()]).toEqual(["folder", first]);
    chooseFolder(files);
    expect(folder.value).not.toBe(first);
    expect(() => chooseFolder(files.slice(0, 2))).toThrow(/safetensors/);
    expect(() => chooseFolder([])).toThrow(/pick the folder/);
  });
});

describe("a head that was chosen", () => {
  it("is asked about in models of the same make", () => {
    chosen("9", "9");
    chooseModel(OTHER);
    expect(head()).toEqual(["9", "9"]);
    chooseModel(HUB_ID);
    expect(head()).toEqual(["9", "9"]);
  });

  it("is let go where the other model is known not to have it", () => {
    model.value = OTHER;
    chosen("40", "20");
    chooseModel(HUB_ID);
    expect(head()).toEqual(["", ""]);
    chosen("11", "3");
    known.value = { id: OTHER, info: { n_layer: 6, n_head: 12 } as never };
    chooseModel(OTHER);
    expect(head()).toEqual(["", ""]);
  });

  it("is let go between the toy and any other model, of which it says nothing", () => {
    model.value = MINI_ID;
    chosen("1", "2");
    chooseModel(HUB_ID);
    expect(head()).toEqual(["", ""]);
    chosen("1", "2");
    chooseModel(MINI_ID);
    expect(head()).toEqual(["", ""]);
  });

  it("stays where the same model is chosen again", () => {
    model.value = MINI_ID;
    chosen("1", "2");
    chooseModel(MINI_ID);
    expect(head()).toEqual(["1", "2"]);
  });
});

describe("the last model", () => {
  const again = async () => {
    vi.resetModules();
    return (await import("./models.ts")).lastModel.value;
  };

  it("is remembered from visit to visit, without its query", async () => {
    chooseModel(`${OTHER}?X-Sig=secret`);
    expect(lastModel.value).toBe(OTHER);
    expect(JSON.stringify([...kept])).not.toContain("secret");
    expect(await again()).toBe(OTHER);
  });

  it("is not a folder, which nothing can open again", async () => {
    remember(HUB_ID);
    remember("folder");
    expect(await again()).toBe(HUB_ID);
  });

  it("is nothing where what is kept is no model's id", async () => {
    for (const text of ["<html>", "folder", "url:file:///etc"]) {
      kept.set("patchbay last model", text);
      expect(await again()).toBeNull();
    }
  });

  it("is nothing where the browser keeps nothing, and that is no error", async () => {
    vi.stubGlobal("localStorage", {
      getItem() {
        throw new DOMException("denied", "SecurityError");
      },
      setItem() {
        throw new DOMException("full", "QuotaExceededError");
      },
    });
    chooseModel(OTHER);
    expect(model.value).toBe(OTHER);
    expect(await again()).toBeNull();
    vi.stubGlobal("localStorage", undefined);
    chooseModel(HUB_ID);
    expect(await again()).toBeNull();
  });
});
