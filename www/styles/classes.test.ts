// Different things have different names: a class that two style sheets name is one thing, or they fight over it.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));

/** Parts of the page's furniture: form.css says what they look like, other sheets where one of them stands. */
const SHARED = ["actions", "checks", "field", "hint"];

/** The classes that are named in the selectors of a sheet. */
function classesOf(sheet: string): Set<string> {
  const rules = sheet.replace(/\/\*.*?\*\//gs, "");
  const selectors = [...rules.matchAll(/([^{};]+)\{/g)].map(([, selector]) => selector ?? "");
  return new Set(
    selectors.flatMap((it) => [...it.matchAll(/\.([a-z][\w-]*)/gi)].map(([, name]) => name ?? "")),
  );
}

it("finds the classes of a sheet, and no numbers or comments", () => {
  const sheet = "/* .gone {} */ @media (max-width: 30rem) { .one > :is(.two, b):hover { margin: 0.5rem; } }";
  expect([...classesOf(sheet)]).toEqual(["one", "two"]);
});

it("gives no class to two style sheets", () => {
  const sheets = readdirSync(FOLDER).filter((name) => name.endsWith(".css"));
  const named = sheets.flatMap((name) => [...classesOf(readFileSync(FOLDER + name, "utf8"))]);
  const twice = named.filter((name, i) => named.indexOf(name) !== i);
  expect([...new Set(twice)].sort()).toEqual(SHARED);
});
