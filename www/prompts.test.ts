import { describe, expect, it } from "vitest";
import { MAX_PROMPTS, MAX_TEXT, parsePrompts, promptsProblem, promptsText } from "./prompts.ts";

const SENTENCE = "Then, Alex and Anthony met. Anthony waved to Alex";
const PROMPT = { sentence: SENTENCE, io: "Alex", s: "Anthony" };
const LINE = `${SENTENCE} | Alex | Anthony`;

describe("parsePrompts", () => {
  it.each([
    ["bars", LINE],
    ["bars without blanks", `${SENTENCE}|Alex|Anthony`],
    ["tabs", `${SENTENCE}\tAlex\tAnthony`],
    ["blanks around", `  ${LINE}  `],
  ])("reads %s", (_, text) => {
    expect(parsePrompts(text)).toEqual({ prompts: [PROMPT], lines: [1], problems: [] });
  });

  it("leaves a sentence its own bars", () => {
    const sentence = `One | two|three: ${SENTENCE}`;
    expect(parsePrompts(`${sentence} | Alex | Anthony`).prompts).toEqual([{ ...PROMPT, sentence }]);
  });

  it("reads what it writes", () => {
    const prompts = [PROMPT, { ...PROMPT, sentence: `a | b, ${SENTENCE}` }];
    expect(parsePrompts(promptsText(prompts)).prompts).toEqual(prompts);
  });

  it("counts lines as an editor does, and skips empty ones", () => {
    const { prompts, lines, problems } = parsePrompts(`${LINE}\r\n\r\nno prompt\n${LINE}\n`);
    expect([prompts.length, lines, problems.map(({ line }) => line)]).toEqual([2, [1, 4], [3]]);
  });

  it.each([
    ["no parts", SENTENCE, /expected a sentence, IO and S .* found one part; write:/],
    ["two parts", `${SENTENCE} | Alex`, /found two parts/],
    ["no S", `${SENTENCE} | Alex | `, /expected S, found nothing/],
    ["no sentence", " | Alex | Anthony", /expected the sentence, found nothing/],
    ["a name of two words", LINE.replace("| Anthony", "| Anthony M"), /one word, found "Anthony M"; choose/],
    ["one name twice", `${SENTENCE} | Alex | Alex`, /two names for IO and S, found "Alex" twice/],
    ["another end", LINE.replace(" |", ". |"), /end in IO "Alex", found "Alex\."; end it in the answer/],
    ["S once", LINE.replace("Anthony waved", "He waved"), /S "Anthony" twice.*found it once; mend/],
    ["IO with a comma", LINE.replace("Alex and", "Alex, and"), /IO "Alex" once .* found it nowhere/],
    ["a long name", `${SENTENCE} | Alex | ${"x".repeat(65)}`, /at most 64 bytes for S, found 65/],
    ["a long sentence", "x".repeat(4096) + LINE, /at most 4096 bytes for the sentence, found 4145/],
  ])("says what is wrong with %s", (_, text, message) => {
    const { prompts, problems } = parsePrompts(text);
    expect(prompts).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toMatch(message);
  });
});

describe("promptsProblem", () => {
  const many = (count: number) => Array(count).fill(LINE).join("\n");

  it.each(["", LINE, `bad\n${LINE}`, many(MAX_PROMPTS)])("has nothing against %#", (text) => {
    expect(promptsProblem(text)).toBeNull();
  });

  it.each([
    ["too many", many(MAX_PROMPTS + 1), /at most 2000 prompts, found 2001/],
    ["too much", "x".repeat(MAX_TEXT + 1), /at most 1000000 bytes/],
    ["empty lines", "\n \n", /only empty lines/],
    ["no prompt", `\n${SENTENCE}`, /no line is a prompt; line 2: expected a sentence, IO and S/],
  ])("refuses %s", (_, text, message) => {
    expect(promptsProblem(text)).toMatch(message);
  });
});
