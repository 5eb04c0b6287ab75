import { describe, expect, it } from "vitest";
import { fileUrl, folderSource } from "./sources.ts";

describe("fileUrl", () => {
  it.each([
    ["https://example.org/m", "https://example.org/m/config.json"],
    ["https://example.org/m/", "https://example.org/m/config.json"],
    ["https://example.org", "https://example.org/config.json"],
    ["https://example.org/m?key=1#x", "https://example.org/m/config.json?key=1"],
  ])("%s", (base, url) => expect(fileUrl(base, "config.json")).toBe(url));
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
      /no tokenizer\.json and no model\.safetensors\. Expected .*; found config\.json\. Pick/,
    );
  });

  it("has to be picked first", () => expect(() => folderSource([])).toThrow(/pick the folder/));
});
