import { expect, it } from "vitest";
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
