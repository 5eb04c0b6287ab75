import { describe, expect, it } from "vitest";
import {
  fileUrl,
  folderSource,
  HUB_ID,
  loadedKey,
  modelName,
  plainId,
  requestUrl,
  shortName,
  sourceKey,
  urlSource,
} from "./sources.ts";

describe("fileUrl", () => {
  it.each([
    ["https://example.org/m", "https://example.org/m/config.json"],
    ["https://example.org/m/", "https://example.org/m/config.json"],
    ["https://example.org", "https://example.org/config.json"],
    ["https://example.org/m?key=1#x", "https://example.org/m/config.json"],
  ])("%s", (base, url) => expect(fileUrl(base, "config.json")).toBe(url));
});

describe("a signed address", () => {
  const ID = "url:https://s3.example/m/";
  const signed = (signature: string) => urlSource(`${ID}?X-Sig=${signature}`);

  it("has its query in what is asked of the server, and nowhere else", () => {
    const source = signed("one");
    expect(requestUrl(source as never, "config.json")).toBe("https://s3.example/m/config.json?X-Sig=one");
    const { query, ...rest } = source as Extract<typeof source, { kind: "url" }>;
    expect(query).toBe("?X-Sig=one");
    expect(JSON.stringify([rest, sourceKey(source), fileUrl(rest.base, "x")])).not.toContain("X-Sig");
    expect(modelName(`${ID}?X-Sig=one`)).toBe("https://s3.example/m/");
  });

  it("with a new signature is stored as the same model, and read anew", () => {
    const [one, two] = [signed("one"), signed("two")];
    expect(sourceKey(two)).toBe(sourceKey(one));
    expect(loadedKey(two)).not.toBe(loadedKey(one));
  });

  it("is fetched with the query that it was given with last", () => {
    plainId(`${ID}?X-Sig=three`);
    expect(urlSource(ID)).toMatchObject({ id: ID, query: "?X-Sig=three" });
    expect(urlSource("url:https://s3.example/other/")).toMatchObject({ query: "" });
  });
});

it("any address of the pinned model is that model", () => {
  for (const text of ["gpt2", "https://huggingface.co/openai-community/gpt2", "openai-community/gpt2@main"])
    expect(urlSource(`url:${text}`)).toEqual(urlSource(HUB_ID));
});

describe("a folder", () => {
  const inFolder = (path: string) => {
    const file = new File(["{}"], path.split("/").at(-1) ?? "");
    Object.defineProperty(file, "webkitRelativePath", { value: path });
    return file;
  };

  it("without one of the files is refused by their names, with what was found", () => {
    const picked = [inFolder("gpt2/config.json"), inFolder("gpt2/sub/model.safetensors")];
    expect(() => folderSource(picked)).toThrow(
      /no tokenizer\.json \(nor .*\) and no model\.safetensors \(nor .*\); found config\.json\. Pick/,
    );
  });

  it("has to be picked first", () => expect(() => folderSource([])).toThrow(/pick the folder/));
});

it.each([
  ["ioi-mini", "ioi-mini"],
  [HUB_ID, "GPT-2 small"],
  ["folder", "model from a folder"],
  ["url:https://huggingface.co/a/b/resolve/main/", "a/b"],
  [`url:https://huggingface.co/a/b/resolve/${"0a".repeat(20)}/`, "a/b@0a0a0a0a"],
  ["url:https://huggingface.co/a/b/resolve/step1000/", "a/b@step1000"],
  ["url:http://127.0.0.1:8080/m/", "127.0.0.1:8080/m"],
])("the short name of %s is %s", (id, name) => expect(shortName(id)).toBe(name));
