// One request a run, whoever asks; a failed one is made again.

import { expect, it } from "vitest";
import type { PromptView } from "../pkg/cpu/patchbay.js";
import { type Shown, shown } from "./shown.ts";
import { ShownPrompts } from "./shown-prompts.ts";

const run = (n: number) =>
  ({
    source: {},
    settings: { device: "cpu" },
    result: { spec: { dataset: { n }, flip: "f" } },
  }) as unknown as Shown;

function prompts(answer: (n: number) => readonly PromptView[]) {
  const asked: number[] = [];
  const lab = {
    dataset: async ({ spec }: { spec: { n: number } }) => {
      asked.push(spec.n);
      return answer(spec.n);
    },
  };
  const looks = { look: async <T>(work: (report: () => void) => Promise<T>) => work(() => undefined) };
  return { asked, of: new ShownPrompts(lab as never, looks as never) };
}

it("two panels share one request, and another run makes another", async () => {
  const { asked, of } = prompts(() => []);
  const [one, other] = [run(1), run(2)];
  shown.value = one;
  expect(of.of(one)).toBe(of.of(one));
  await of.of(one);
  shown.value = other;
  await of.of(other);
  expect(asked).toEqual([1, 2]);
});

it("a failed request is made again", async () => {
  let fails = true;
  const { asked, of } = prompts(() => {
    if (fails) throw new Error("no");
    return [];
  });
  const one = run(1);
  shown.value = one;
  await expect(of.of(one)).rejects.toThrow("no");
  fails = false;
  expect(await of.of(one)).toEqual([]);
  expect(asked).toEqual([1, 1]);
});

it("the prompts of a run that is no longer shown are not asked for", async () => {
  const { asked, of } = prompts(() => []);
  shown.value = run(1);
  await expect(of.of(run(2))).rejects.toThrow("Another run");
  expect(asked).toEqual([]);
});
