import { beforeAll, describe, expect, it } from "vitest";
import { schemas } from "../../store/session.ts";
import { SCHEMAS } from "../../store/testing.ts";
import { rowsOf, wholeRun } from "./files.ts";
import { PROMPTS, runOf, SPEC } from "./testing.ts";
import { citation, commandLine, notebookFigures, quoted, stemOf } from "./words.ts";

beforeAll(() => {
  schemas.value = SCHEMAS;
});

describe("the command line", () => {
  const line = (change: Parameters<typeof runOf>[0]) => commandLine(runOf(change), "my prompts.json");

  it("names model, head, prompts and seed, and what is not usual", () => {
    const hub = "openai-community/gpt2@607a30d783dfa663caf39e06633721c8d4cfcd7e";
    expect(line({})).toBe(`patchbay run --model ${hub} --layer 10 --head 7 -n 150 --seed 42`);
    const spec = {
      experiment: "controls",
      dataset: { ...SPEC.dataset, symmetric: false, prompt_type: "BABA" as const, prepend_bos: false },
      flip: "ABB -> it's",
      freeze_ln: false,
    };
    expect(line({ model: "ioi-mini", spec, result: { accuracy: 0.5 } })).toBe(
      "patchbay run --model ioi-mini --experiment controls --layer 10 --head 7 -n 150 --no-symmetric --prompt-type BABA" +
        " --seed 42 --no-bos --flip 'ABB -> it'\\''s' --live-ln --accuracy",
    );
  });

  it("reads own prompts from a file", () => {
    const prompts = [{ sentence: "A and B. B to A", io: "A", s: "B" }];
    expect(line({ model: "folder", spec: { dataset: { ...SPEC.dataset, prompts } } })).toBe(
      "patchbay run --model FOLDER --layer 10 --head 7 --prompts 'my prompts.json' --seed 42",
    );
  });

  it("is one word a value for the shell, whatever is in it", () => {
    expect(quoted("https://a.example/b")).toBe("https://a.example/b");
    for (const text of ["$(rm -rf ~)", "a b", "`x`", "a;b", "", "ß\u202e"])
      expect(quoted(text)).toBe(`'${text}'`);
  });
});

it("a citation says which program, model, question, prompts and day", () => {
  expect(citation(runOf())).toMatch(
    /^Patchbay \d+\.\d+\.\d+; openai-community\/gpt2, revision 607a30d783dfa663caf39e06633721c8d4cfcd7e, SHA-256 242424242424 \(weights\), c0c0c0c0c0c0 \(configuration\), 707070707070 \(tokenizer\); patching positions, head 10\.7; n=150, seed 42, mixed, symmetric, BOS, flip "ABB -> BAB, BAB -> ABB", LayerNorm scale frozen, CPU; 2026-01-02\.$/,
  );
});

describe("the notebook's figures", () => {
  it("are for its model and settings only", () => {
    expect(notebookFigures(runOf())).toEqual({ clean: 3.2874, patched: 2.9462, projected: 1.2586 });
    expect(notebookFigures(runOf({ model: "folder" }))).toBeNull();
    expect(notebookFigures(runOf({ result: { head: [9, 9] } }))).toBeNull();
    expect(notebookFigures(runOf({ spec: { freeze_ln: false } }))).toBeNull();
    for (const other of [{ seed: 43 }, { n: 20 }, { prompts: [] }])
      expect(notebookFigures(runOf({ spec: { dataset: { ...SPEC.dataset, ...other } } }))).toBeNull();
  });
});

describe("files", () => {
  it("have names with model, question, head, prompts and seed", () => {
    expect(stemOf(runOf())).toBe("patchbay-GPT-2-small-place-L10H7-n150-seed42");
  });

  it("number prompts from 1", async () => {
    const { prompts, ...all } = JSON.parse(await (await wholeRun(runOf(), PROMPTS)).text());
    expect(all).toMatchObject({
      spec: SPEC,
      head: [10, 7],
      model: { id: "openai-community/gpt2", bytes: 548_105_171 },
    });
    expect(prompts.map(({ prompt }: { prompt: number }) => prompt)).toEqual([1, 2]);
    expect(prompts[1]).toMatchObject({
      sentence: "Then, Zoë and Alex met. Alex gave it to Zoë",
      scores: { clean: { diff: 3.28741, s1_score: 3 } },
    });
    const { axes, columns } = rowsOf(runOf());
    expect(axes).toEqual([
      { name: "condition", labels: ["clean", "patched", "projected", "projected on random directions"] },
      { name: "prompt", labels: ["1", "2"] },
    ]);
    expect(columns.map(({ name, values }) => [name, values.length, values[3]])).toEqual([
      ["io_score", 8, 5.94622],
      ["s1_score", 8, 3],
      ["diff", 8, 2.94622],
    ]);
  });
});
