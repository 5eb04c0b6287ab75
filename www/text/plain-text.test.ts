import { describe, expect, it } from "vitest";
import { beginning, quoted } from "./format.ts";
import { unreadable, visible } from "./plain-text.ts";

describe("text from anybody", () => {
  it.each([
    ["a\u001b[31mb\0", "a\\u{1b}[31mb\\u{0}"],
    ["moc.\u202eexample", "moc.\\u{202e}example"],
    ["half \ud83d", "half \\u{d83d}"],
    ["Zoë 🙂 שלום\u00a0!", "Zoë 🙂 שלום\u00a0!"],
  ])("%o is shown as %o", (text, shown) => expect(visible(text)).toBe(shown));

  it.each([
    ["a\0b", "a control character (U+0000)"],
    ["a\u001b[0m", "a control character (U+001B)"],
    ["a\u009d", "a control character (U+009D)"],
    ["a\nb", "a control character (U+000A)"],
    ["a\ud800b", "half of a character (U+D800)"],
    ["\udc00", "half of a character (U+DC00)"],
    ["\u202ea", "a mark that turns the writing direction (U+202E)"],
    ["\u2066a", "a mark that turns the writing direction (U+2066)"],
    ["a\ufffd", "a damaged character (U+FFFD)"],
    ["a\tb Zoë 🙂 שלום", null],
  ])("%o has %o", (text, found) => expect(unreadable(text)).toBe(found));

  it("is cut between characters", () => {
    expect(beginning("🙂".repeat(81))).toBe(`${"🙂".repeat(80)}…`);
    expect(quoted(`${"x".repeat(79)}\ud83d`)).toBe(`"${"x".repeat(79)}\\u{d83d}"`);
  });
});
