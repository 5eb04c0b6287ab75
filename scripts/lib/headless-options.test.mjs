import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readOptions, shareLink } from "./headless-options.mjs";
import { ROOT } from "./run.mjs";

const CARD = JSON.parse(readFileSync(join(ROOT, "www/public/models/ioi-mini/card.json"), "utf8"));

const URL_ = ["--model", "http://localhost/m"];

test("the defaults are the notebook's", () => {
  const options = readOptions(URL_);
  const link = Object.fromEntries(new URLSearchParams(shareLink(options, `url:${options.modelUrl}`)));
  assert.deepEqual(link, {
    v: "1",
    experiment: "patching_positions",
    model: "url:http://localhost/m/",
    layer: "",
    head: "",
    n: "150",
    seed: "42",
    symmetric: "true",
    prompt_type: "mixed",
    prepend_bos: "true",
    flip: "ABB -> BAB, BAB -> ABB",
    freeze_ln: "true",
    device: "auto",
    accuracy: "false",
  });
});

test("without --model it is the page's own model, at its own head", () => {
  const link = new URLSearchParams(shareLink(readOptions([]), undefined));
  assert.equal(link.get("model"), "ioi-mini");
  const [layer, head] = CARD.default_head.map(String);
  assert.deepEqual([link.get("layer"), link.get("head")], [layer, head]);
  const other = new URLSearchParams(shareLink(readOptions(["--head", "2"]), undefined));
  assert.deepEqual([other.get("layer"), other.get("head")], [layer, "2"]);
});

test("GPT-2 small is asked about 10.7, and half a head of any model is completed", () => {
  const at = (...args) => {
    const link = new URLSearchParams(shareLink(readOptions(args)));
    return [link.get("layer"), link.get("head")];
  };
  assert.deepEqual(at("--model", "openai-community/gpt2"), ["10", "7"]);
  assert.deepEqual(at(...URL_, "--layer", "2"), ["2", "7"]);
});

test("options reach the link", () => {
  const args =
    "-n 20 --seed 0 --no-symmetric --no-bos --live-ln --accuracy --device webgpu --layer 2 --head 1".split(
      " ",
    );
  const link = new URLSearchParams(shareLink(readOptions([...URL_, ...args])));
  const values = [
    "n",
    "seed",
    "symmetric",
    "prepend_bos",
    "freeze_ln",
    "accuracy",
    "device",
    "layer",
    "head",
  ];
  assert.deepEqual(
    values.map((name) => link.get(name)),
    ["20", "0", "false", "false", "false", "true", "webgpu", "2", "1"],
  );
  assert.equal(readOptions([...URL_, "--device", "gpu"]).device, "webgpu");
});

test("bad arguments: one line that names the option, exit 2", () => {
  for (const [args, named] of [
    [[...URL_, "--frobnicate"], /--frobnicate/],
    [[...URL_, "-n", "-5"], /-n/],
    [[...URL_, "--timeout", "soon"], /--timeout soon/],
    [[...URL_, "--symmetric", "--no-symmetric"], /exclude/],
  ]) {
    assert.throws(
      () => readOptions(args),
      (error) => error.exitCode === 2 && named.test(error.message) && !error.message.includes("\n"),
    );
  }
});

test("a folder that is not there: exit 1, as from the native command", () => {
  assert.throws(
    () => readOptions(["--model", "/no/such/folder"]),
    (error) => error.exitCode === 1 && /no such folder/.test(error.message),
  );
});
