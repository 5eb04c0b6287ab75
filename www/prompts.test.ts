import { describe, expect, it, vi } from "vitest";
import { check } from "./check.ts";
import { settingsForSpec, textsOf } from "./fields.ts";
import { MAX_LINES, MAX_PROMPTS, MAX_TEXT, parsePrompts, promptsProblem, promptsText } from "./prompts.ts";

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
    expect(parsePrompts(text)).toEqual({ prompts: [PROMPT], lines: [1], problems: [], tooLarge: null });
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
    ["a line without end", "|".repeat(900_000), /and 64 for a name, found a line of 900000 characters/],
    [
      "half a character",
      LINE.replace("met", "m\ud800t"),
      /plain text for the sentence, found half of a char.*U\+D800/,
    ],
    [
      "an escape",
      LINE.replace("met", "\u001b[31m"),
      /for the sentence, found a control character \(U\+001B\)/,
    ],
    [
      "a NUL in a name",
      LINE.replaceAll("Alex", "Al\0x"),
      /for the sentence, found a control character \(U\+0000\)/,
    ],
    ["a name turned around", LINE.replace("| Alex", "| \u202eAlex"), /for IO, found a mark that turns/],
    ["half a name", LINE.replace("| Anthony", "| Anthony\udc00"), /for S, found half of a character/],
  ])("says what is wrong with %s", (_, text, message) => {
    const { prompts, problems } = parsePrompts(text);
    expect(prompts).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toMatch(message);
  });
});

it("a malformed line costs its neighbours nothing", () => {
  const { prompts, problems } = parsePrompts(`${LINE}\n${LINE.replace("met", "\ud800")}\n${LINE}`);
  expect([prompts, problems.map(({ line }) => line)]).toEqual([[PROMPT, PROMPT], [2]]);
});

describe("the work that a text takes", () => {
  const SHORT = "a | b\n".repeat(166_000);
  /** Every line that is read is trimmed. */
  const trims = () => vi.spyOn(String.prototype, "trim");

  it("is none for more lines than are read", () => {
    const spy = trims();
    const { tooLarge, ...read } = parsePrompts(SHORT);
    expect(spy).not.toHaveBeenCalled();
    spy.mockRestore();
    expect(read).toEqual({ prompts: [], lines: [], problems: [] });
    expect(tooLarge).toBe("expected at most 5000 lines of prompts, found more; leave some out");
    expect(parsePrompts("x\n".repeat(MAX_LINES - 1)).problems).toHaveLength(MAX_LINES - 1);
  });

  it("is done once, however often form, link and preview ask", async () => {
    const spec = { experiment: "patching_positions", layer: 1, head: 1, flip: "ABB -> BAB", freeze_ln: true };
    const dataset = { n: 2, seed: 1, symmetric: true, prompt_type: "mixed", prepend_bos: true } as const;
    const defaults = { ...spec, dataset };
    const texts = { ...textsOf(settingsForSpec(defaults)), prompts: `${LINE}\n${"a | b\n".repeat(999)}` };
    const given: number[] = [];
    const prober = {
      checkFlip: async () => {},
      preview: async (of: { prompts?: unknown[] }) => {
        given.push(of.prompts?.length ?? 0);
        return { sentences: [], n: 1 };
      },
    };
    parsePrompts("");
    const spy = trims();
    for (let i = 0; i < 10; i++) await check(prober as never, texts, defaults, 3);
    const calls = spy.mock.contexts.filter((line) => String(line) === "a | b").length;
    spy.mockRestore();
    expect(given).toEqual(Array(10).fill(1));
    expect(calls).toBe(999);
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
    ["too much in bytes", "ß".repeat(MAX_TEXT / 2 + 1), /at most 1000000 bytes/],
    ["too many lines", "\n".repeat(MAX_LINES), /at most 5000 lines/],
    ["empty lines", "\n \n", /only empty lines/],
    ["no prompt", `\n${SENTENCE}`, /no line is a prompt; line 2: expected a sentence, IO and S/],
  ])("refuses %s", (_, text, message) => {
    expect(promptsProblem(text)).toMatch(message);
  });
});
