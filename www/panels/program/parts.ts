// What programs for other libraries are made of, the same for every answer: files of the crate, which come only when a program
// is asked for.

const FILES = import.meta.glob<string>("../../../crate/src/reproduce/python/*.py", {
  query: "?raw",
  import: "default",
  eager: true,
});

/** The texts, by the names of the files. */
export const PARTS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(FILES).map(([path, text]) => [path.slice(path.lastIndexOf("/") + 1), text]),
);
