import { describe, expect, it } from "vitest";
import { BOS, exactText, inWords, rolesByPosition, tokenText, unbroken } from "./tokens.ts";

describe("a token", () => {
  it.each([
    [" Mary", "Mary", "·Mary"],
    ["", "∅", "∅"],
    [" ", "␣", "·"],
    ["\n\r\t", "⏎<0x0D>⇥", "⏎<0x0D>⇥"],
    ["\x14 a\0\x1b\x7f\x85", "<0x14> a<0x00><0x1B><0x7F><0x85>", "<0x14>·a<0x00><0x1B><0x7F><0x85>"],
    ["\u202egnp", "\\u{202e}gnp", "\\u{202e}gnp"],
    ["<b>&", "<b>&", "<b>&"],
    [BOS, "BOS", BOS],
  ])("%j is shown as %s among others and as %s by itself", (token, among, alone) => {
    expect([tokenText(token), exactText(token)]).toEqual([among, alone]);
  });
});

it("a token in a sentence stays with its space and its share", () => {
  expect(unbroken("“ Alex” 98%, “ Kyle” <0.1%, then “to” (0.3) and")).toBe(
    "“\u00a0Alex”\u00a098%, “\u00a0Kyle”\u00a0<0.1%, then “to”\u00a0(0.3) and",
  );
});

it("roles are named by position; two can meet, and the place after S1 has no name", () => {
  const roles = rolesByPosition({ END: 9, IO: 2, S1: 4, "S1+1": 5, S2: 9 });
  expect([...roles]).toEqual([
    [9, "END S2"],
    [2, "IO"],
    [4, "S1"],
  ]);
});

describe("a sentence in words", () => {
  const prompt = { sentence: "Then, Alex and Anthony met. Anthony waved to Alex", io: "Alex", s: "Anthony" };

  it("ends at END, with the roles where they stand", () => {
    expect(inWords(prompt, false)).toEqual({
      tokens: ["Then,", "Alex", "and", "Anthony", "met.", "Anthony", "waved", "to"],
      roles: { IO: 1, S1: 3, S2: 5, END: 7 },
    });
    expect(inWords(prompt, true).tokens[0]).toBe(BOS);
    expect(inWords(prompt, true).roles).toEqual({ IO: 2, S1: 4, S2: 6, END: 8 });
  });

  it("has no role that it does not find, and no first mention of what is mentioned once", () => {
    expect(inWords({ ...prompt, io: "Xavier" }, false).roles).toEqual({ S1: 3, S2: 5, END: 7 });
    expect(inWords({ ...prompt, s: "Alex", io: "Anthony" }, false).roles).toEqual({ IO: 3, S2: 1, END: 7 });
  });
});
