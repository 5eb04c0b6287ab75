// @vitest-environment happy-dom
import { readFileSync } from "node:fs";
import { beforeEach, expect, it } from "vitest";
import { HUB_ID, MINI_ID } from "../door/sources.ts";
import card from "../public/models/ioi-mini/card.json";
import { decode } from "../store/link/link.ts";
import { panels } from "../store/run.ts";
import * as session from "../store/session.ts";
import { LAB, SCHEMAS } from "../store/testing.ts";
import { filled, highest, type LessonStep, lessonModel, stepLink, TEXTS, wordsOf } from "./lesson.ts";
import { LESSONS, type LessonName, stepOf, stepProblem } from "./names.ts";

const PUBLISHED = JSON.parse(readFileSync("crate/src/published/gpt2-small.json", "utf8"));
const NAMES = Object.keys(LESSONS) as LessonName[];
const all = async () => Promise.all(NAMES.map(async (name) => ({ name, lesson: await TEXTS[name]() })));

beforeEach(() => {
  session.schemas.value = SCHEMAS;
  session.texts.value = session.defaults.value;
  const panel = (name: string, ...analyses: string[]) => ({
    name,
    title: name,
    analyses,
    task: null,
    Controls: null,
    View: () => null,
  });
  panels.value = [
    panel("place"),
    panel("writes"),
    panel("attention", "attention"),
    panel("circuit", "paths", "circuit"),
    panel("prompts"),
  ];
});

it("names as many steps as the texts have, and no others", async () => {
  for (const { name, lesson } of await all()) expect(lesson.steps).toHaveLength(LESSONS[name]);
  expect(stepOf("ioi.7")).toEqual({ lesson: "ioi", step: 7 });
  for (const other of ["ioi.8", "ioi.0", "ioi", "toString.1", "induction.5", "ioi.1.1", ""])
    expect(stepProblem(other)).toMatch(/^expected ioi\.1 to ioi\.7 or induction\.1 to induction\.4, found/);
});

it("knows a head for each brace, of both models", async () => {
  for (const { lesson } of await all())
    for (const model of [MINI_ID, HUB_ID] as const) {
      const words = wordsOf(lesson, model);
      const texts = lesson.steps.flatMap(({ text, question, state, published, toy, try: tries }) => [
        ...text,
        ...tries,
        ...Object.values(state),
        question,
        published,
        toy,
      ]);
      for (const text of texts) expect(filled(text ?? "", words)).not.toMatch(/[{}]/);
    }
  expect(
    highest([
      [0.1, 0.3],
      [0.9, 0.2],
    ]),
  ).toBe("1.0");
});

it("makes of each step a link that is read as what the step says", async () => {
  for (const { name, lesson } of await all())
    for (const [i, { state }] of lesson.steps.entries()) {
      const link = await stepLink(name, lesson, i + 1, MINI_ID);
      const found = await decode(link.slice(1), panels.value, LAB);
      expect(found, link).toMatchObject({ question: state.question, model: MINI_ID });
      expect("texts" in found && found.texts.lesson).toBe(`${name}.${i + 1}`);
    }
  const bad = await decode("v=1&lesson=ioi.9", panels.value, LAB);
  expect(bad).toContainEqual({ field: "lesson", message: stepProblem("ioi.9") });
});

it("is of the toy or of GPT-2 small, whatever model was chosen", () => {
  expect(lessonModel(HUB_ID)).toBe(HUB_ID);
  expect(lessonModel("url:https://models.example/")).toBe(MINI_ID);
});

/** Every number of a text that is not a year. */
const numbersIn = (text: string) =>
  text
    .replace(/ et al\. \d{4}/g, "")
    .match(/\d+(\.\d+)?/g)
    ?.filter((it) => it !== "2") ?? [];

it("says no number of GPT-2 small that the published figures do not have", async () => {
  const [ioi, induction] = (await all()).map(({ lesson }) => lesson.steps.map(({ published }) => published));
  const { wang_et_al_2022: wang, patching_positions: place, head_scores: scores } = PUBLISHED;
  const heads = Object.entries<string[]>(wang.circuit.heads);
  const of = (kind: string) => heads.find(([name]) => name === kind)?.[1] ?? [];
  const percent = (share: number) => `${Math.round(1000 * share) / 10}`;
  const sorted = (list: readonly string[]) => [...new Set(list)].sort();
  const is = (text = "", ...expected: string[]) => expect(sorted(numbersIn(text))).toEqual(sorted(expected));
  is(ioi?.[0], percent(wang.probability_of_io), percent(wang.io_over_s), String(wang.logit_diff));
  is(ioi?.[1], ...of("name mover"), ...of("negative name mover"));
  is(ioi?.[2]);
  is(ioi?.[3], ...of("S-inhibition"));
  is(ioi?.[4], ...of("duplicate token"), ...of("induction"), ...of("previous token"));
  const left = String(Math.round((100 * place.patched) / place.clean));
  is(
    ioi?.[5],
    place.head.join("."),
    String(place.clean),
    String(place.patched),
    String(place.projected),
    left,
  );
  is(ioi?.[6], String(heads.flatMap(([, of]) => of).length), percent(wang.circuit.faithfulness));
  const high = scores.induction.flatMap((row: number[], layer: number) =>
    row.flatMap((score, head) => (score > 0.8 ? [`${layer}.${head}`] : [])),
  );
  const most = Math.max(...scores.induction.flat());
  is(induction?.[1], ...high, "80", String(Math.round(100 * most)));
  const previous = String(Math.round(100 * scores.previous_token[4][11]));
  is(induction?.[3], "4.11", ...of("previous token"), previous);
});

it("says of the toy what its card has measured", () => {
  const { default_head: mover, evaluation } = card;
  const { copying_negative, direct, induction, duplicate_token } = evaluation.heads;
  const named = (scores: readonly (readonly number[])[], is: (score: number) => boolean) =>
    scores.flatMap((row, layer) => row.flatMap((score, head) => (is(score) ? [[layer, head]] : [])));
  const layers = (heads: readonly (readonly number[])[]) => heads.map(([layer]) => layer ?? 0);
  // Steps 2 and 4: two heads take the name that they see away, in the layer before the name mover's, and write much of the answer.
  const negative = named(copying_negative, (score) => score > 0.5);
  expect(layers(negative)).toEqual([2, 2].map(() => (mover[0] ?? 0) - 1));
  const byWhatTheyWrite = named(direct, (logits) => logits > 3).map(String);
  expect(byWhatTheyWrite.sort()).toEqual([...negative, mover].map(String).sort());
  expect(Math.min(...direct.flat())).toBeGreaterThan(-0.5);
  // Step 5: the induction heads come too late for them, and the duplicate token head does not.
  const inductionHeads = named(induction, (score) => score > 0.5);
  const before = layers(negative)[0] ?? 0;
  expect(Math.min(...layers(inductionHeads))).toBeGreaterThanOrEqual(before);
  expect(Math.max(...layers(named(duplicate_token, (score) => score > 0.5)))).toBeLessThan(before);
  // The other lesson's step 2.
  const published: number[] = PUBLISHED.head_scores.induction.flat();
  const share = (scores: readonly number[]) => scores.filter((score) => score > 0.5).length / scores.length;
  expect(share(induction.flat())).toBeGreaterThan(share(published));
});

it("asks for a number between its limits, or for one of several choices", async () => {
  const guesses = (await all()).flatMap(({ lesson }) => lesson.steps.map(({ guess }: LessonStep) => guess));
  for (const guess of guesses)
    if ("number" in guess) expect(guess.number.min).toBeLessThan(guess.number.max);
    else expect(new Set(guess.choices).size).toBeGreaterThan(2);
});
