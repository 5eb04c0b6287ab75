import { beforeEach, expect, it } from "vitest";
import mini from "../public/models/ioi-mini/card.json";
import { model, schemas, texts, textsOf } from "./session.ts";
import { SCHEMAS } from "./testing.ts";

beforeEach(() => {
  schemas.value = SCHEMAS;
  texts.value = {};
});

const [layer = "", head = ""] = mini.default_head.map(String);
const usual = `${layer}.${head}`;

it.each([
  ["experiment", { layer, head }],
  ["circuit", { circuit_keep: mini.circuit, circuit_scored: usual }],
  ["paths", { paths_scored: usual }],
  ["patch", { patch_scored: usual }],
])("an empty head of %s is the toy's own default one, which is said to the crate", (analysis, usual) => {
  model.value = "ioi-mini";
  expect(textsOf(analysis)).toMatchObject(usual);
  model.value = "openai-community/gpt2";
  const empty = Object.fromEntries(Object.keys(usual).map((name) => [name, ""]));
  expect(textsOf(analysis)).toMatchObject(empty);
});

it("a head that is named stays", () => {
  model.value = "ioi-mini";
  texts.value = { circuit_keep: "0.2@S2", patch_scored: "0.1", layer: "0", head: "3" };
  expect(textsOf("circuit").circuit_keep).toBe("0.2@S2");
  expect(textsOf("patch").patch_scored).toBe("0.1");
  expect(textsOf("experiment")).toMatchObject({ layer: "0", head: "3" });
});
