import { describe, expect, it } from "vitest";
import { csvText } from "./csv.ts";

it("what has a comma, a quote or a line break is quoted", () => {
  expect(
    csvText(
      ["a", "b, c"],
      [
        [1, 'say "no"'],
        ["two\nlines", -0.5],
      ],
    ),
  ).toBe('a,"b, c"\n1,"say ""no"""\n"two\nlines",-0.5\n');
});

describe("what a spreadsheet would take for a formula", () => {
  const line = (...cells: (string | number)[]) => csvText([], [cells]).split("\n").slice(1).join("\n");

  it.each([
    ["=1+1", "'=1+1\n"],
    ["+1", "'+1\n"],
    ["-1", "'-1\n"],
    ["@SUM(A1)", "'@SUM(A1)\n"],
    ["\t=1", "'\t=1\n"],
    ["\r=1", '"\'\r=1"\n'],
    ["\n=1", '"\'\n=1"\n'],
    ["\uff1d1", "'\uff1d1\n"],
    ['=HYPERLINK("https://a.example","b")', '"\'=HYPERLINK(""https://a.example"",""b"")"\n'],
    ["'=1", "''=1\n"],
  ])("%o is text", (text, expected) => expect(line(text)).toBe(expected));

  it.each([" =1", " -", "'tis", "a=b", '"=1"'])("%o is text already", (text) => {
    expect(line(text)).toBe(/"/.test(text) ? '"""=1"""\n' : `${text}\n`);
  });

  it("is no number", () => expect(line(-1.5, 0, -1e-7)).toBe("-1.5,0,-1e-7\n"));

  it("loses one apostrophe, and is what it was", () => {
    for (const text of ["=1", "'=1", "''-x", "'tis", "plain", "+"]) {
      const cell = line(text).slice(0, -1);
      expect(cell.replace(/^'('*[=+\-@\t\r\n])/, "$1")).toBe(text);
    }
  });
});
