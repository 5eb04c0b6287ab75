import { describe, expect, it } from "vitest";
import { asHubPage, readAddress, withoutSecrets } from "./address.ts";

const PINNED =
  "https://huggingface.co/openai-community/gpt2/resolve/607a30d783dfa663caf39e06633721c8d4cfcd7e/";
const MAIN = "https://huggingface.co/distilbert/distilgpt2/resolve/main/";
const RAW = "https://raw.githubusercontent.com/me/models/v1/small/";

describe("the folder of a model on the hub", () => {
  it.each([
    "https://huggingface.co/distilbert/distilgpt2",
    "  https://huggingface.co/distilbert/distilgpt2/\n",
    "<https://huggingface.co/distilbert/distilgpt2>",
    "HTTP://www.HuggingFace.co/distilbert/distilgpt2?library=transformers#readme",
    "huggingface.co/distilbert/distilgpt2",
    "//huggingface.co/distilbert/distilgpt2",
    "hf.co/distilbert/distilgpt2/tree/main/",
    "https://huggingface.co/distilbert/distilgpt2/tree",
    "https://huggingface.co/distilbert/distilgpt2/tree/main",
    "https://huggingface.co/distilbert/distilgpt2/blob/main/config.json",
    "https://huggingface.co/distilbert/distilgpt2/raw/main/merges.txt",
    "https://huggingface.co/distilbert/distilgpt2/resolve/main",
    "https://huggingface.co/distilbert/distilgpt2/resolve/main/model.safetensors?download=true",
    "https://huggingface.co/distilbert/distilgpt2//resolve//main/README.md",
    "https://huggingface.co/distilbert/distilgpt2.git",
    "https://huggingface.co/distilgpt2/blob/main/config.json",
    "https://huggingface.co/distilgpt2",
    "distilbert/distilgpt2",
    " distilbert/distilgpt2/ ",
    "distilbert/distilgpt2@main",
    "distilbert/distilgpt2/tree/main",
    "distilgpt2",
    "distilgpt2@main",
  ])("%s", (text) => expect(readAddress(text)).toEqual({ base: MAIN, query: "" }));

  it.each([
    ["a/b@v1.0", "a/b/resolve/v1.0/"],
    ["a/b@refs/pr/3", "a/b/resolve/refs%2Fpr%2F3/"],
    ["https://huggingface.co/a/b/tree/refs%2Fpr%2F3", "a/b/resolve/refs%2Fpr%2F3/"],
    ["https://huggingface.co/a/b/tree/refs/pr/3/sub", "a/b/resolve/refs%2Fpr%2F3/sub/"],
    ["https://huggingface.co/a/b/tree/0123abc/sub/deeper", "a/b/resolve/0123abc/sub/deeper/"],
    ["https://huggingface.co/a/b/blob/v2/sub/model-00001-of-00002.safetensors", "a/b/resolve/v2/sub/"],
    ["https://huggingface.co/a/b/tree/main/odd.json", "a/b/resolve/main/odd.json/"],
    ["https://huggingface.co/a/b/commit/0123abc", "a/b/resolve/0123abc/"],
  ])("%s has its revision and its folder", (text, path) =>
    expect(readAddress(text).base).toBe(`https://huggingface.co/${path}`),
  );

  it.each([
    "gpt2",
    "openai-community/gpt2",
    "openai-community/gpt2@main",
    "openai-community/gpt2@607a30d",
    "https://huggingface.co/gpt2",
    "https://huggingface.co/openai-community/gpt2/tree/main",
    "hf.co/openai-community/gpt2/blob/607a30d783dfa663caf39e06633721c8d4cfcd7e/config.json",
    PINNED,
    PINNED.slice(0, -1),
  ])("%s is the pinned model", (text) => expect(readAddress(text).base).toBe(PINNED));

  it.each(["openai-community/gpt2@v1", "openai-community/gpt2@607a", "openai-community/gpt2/tree/main/onnx"])(
    "%s is another",
    (text) => expect(readAddress(text).base).not.toBe(PINNED),
  );
});

describe("other addresses", () => {
  it.each([
    ["https://hf-mirror.com/a/b", "https://hf-mirror.com/a/b/resolve/main/"],
    ["http://127.0.0.1:8000/a/b/tree/main", "http://127.0.0.1:8000/a/b/resolve/main/"],
    ["https://m.example/a/b/blob/v1/sub/config.json", "https://m.example/a/b/resolve/v1/sub/"],
    ["https://m.example/a/b/resolve/v1/README.md", "https://m.example/a/b/resolve/v1/"],
    ["https://m.example/a/b/resolve/v1?download=true", "https://m.example/a/b/resolve/v1"],
    ["https://github.com/me/models/tree/v1/small", RAW],
    ["https://github.com/me/models/blob/v1/small/config.json", RAW],
    ["github.com/me/models", "https://raw.githubusercontent.com/me/models/HEAD/"],
    ["https://raw.githubusercontent.com/me/models/v1/small/config.json", RAW],
    ["localhost:8000/m", "http://localhost:8000/m"],
    ["127.0.0.1:8000/m/", "http://127.0.0.1:8000/m/"],
    ["example.org/m", "https://example.org/m"],
    ["https://example.org/a/b", "https://example.org/a/b"],
    ["https://example.org/m/model.safetensors.index.json", "https://example.org/m/"],
    ["https://example.org/config.json", "https://example.org/"],
    ["https://example.org/a b/\u202ec", "https://example.org/a%20b/%E2%80%AEc"],
  ])("%s", (text, base) => {
    expect(readAddress(text)).toEqual({ base, query: "" });
    expect(readAddress(base).base).toBe(base);
  });

  it("keep their query apart, and lose their fragment", () => {
    expect(readAddress("https://s3.example/m/config.json?X-Amz-Signature=5ec#x")).toEqual({
      base: "https://s3.example/m/",
      query: "?X-Amz-Signature=5ec",
    });
  });
});

describe("no address of a model", () => {
  it.each([
    ["", /found nothing/],
    ["https://", /https:\/\/ or http:\/\//],
    ["gpt5", /OWNER\/NAME/],
    ["ftp://example.org/m", /https:\/\/ or http:\/\//],
    ["javascript:alert(1)", /https:\/\/ or http:\/\//],
    ["https://huggingface.co/", /the hub itself/],
    ["https://huggingface.co/datasets/squad/tree/main", /"\/datasets\/squad\/tree\/main" is a dataset/],
    ["datasets/a/b", /is a dataset/],
    ["https://huggingface.co/spaces/a/b", /is a space/],
    ["https://huggingface.co/models?search=gpt2", /is a page of the hub/],
    ["https://huggingface.co/openai-community", /is an owner's page/],
    ["https://huggingface.co/a/b/discussions/3", /not the page of a model's files/],
    ["a/ü", /no name of a model/],
    ["a/..", /https:\/\/ or http:\/\//],
    ["https://github.com/me/models/issues", /no folder on GitHub/],
    ["C:\\models\\gpt2", /found a path; .* choose “From a folder on this machine”/],
    ["/home/me/gpt2", /found a path/],
    ["./gpt2", /found a path/],
    ["file:///home/me/gpt2", /found a path/],
    ["https://a:b@example.org/", /without user name and password/],
    [`https://example.org/${"x".repeat(9000)}`, /at most 8192 characters, found 9020/],
  ])("%s", (text, message) => expect(() => readAddress(text)).toThrow(message));

  it("keeps a secret out of the message", () => {
    for (const text of ["ftp://me:s3cret@example.org/m?sig=s3cret#s3cret", "me:s3cret@example.org"])
      expect(() => readAddress(text)).toThrow(/^(?!.*s3cret).*found "/);
  });
});

it("a page on an unknown host may be a hub's", () => {
  expect(asHubPage("http://127.0.0.1:8000/a/b/")).toBe("http://127.0.0.1:8000/a/b/resolve/main/");
  expect(asHubPage("http://127.0.0.1:8000/a")).toBeNull();
  expect(asHubPage("http://127.0.0.1:8000/a/b/c")).toBeNull();
});

it("without secrets a text is still an address", () => {
  expect(withoutSecrets("https://me:x@example.org/m?sig=1#y")).toBe("https://example.org/m");
  expect(withoutSecrets("a/b@v1")).toBe("a/b@v1");
});
