// The versions in manifests and lock files, of crates and of npm's packages.

/** Exact versions of a Cargo.toml as the ranges that ought to be compatible. */
export const looseToml = (text) => text.replaceAll(/"=(?=\d)/g, '"');

/** The same of a package.json. */
export function loosePackageJson(text) {
  const manifest = JSON.parse(text);
  for (const group of [manifest.dependencies, manifest.devDependencies])
    for (const [name, version] of Object.entries(group)) group[name] = version.replace(/^(?=\d)/, "^");
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** Which versions of what a Cargo.lock holds: lines "name version". */
export const inCargoLock = (text) =>
  Array.from(
    text.matchAll(/name = "(.+)"\r?\nversion = "(.+)"/g),
    ([, name, version]) => `${name} ${version}`,
  );

/** The same of a package-lock.json, without programs for other systems, which are as new as the package that asks for them. */
export const inPackageLock = (text) =>
  Object.entries(JSON.parse(text).packages)
    .filter(([path, { optional }]) => path !== "" && !optional)
    .map(([path, { version }]) => `${path.split("node_modules/").at(-1)} ${version}`);

/** What is in the second list and was not in the first, with what the first has of that name. */
export function newer(before, after) {
  const had = new Set(before);
  const of = (name) => before.filter((line) => line.startsWith(`${name} `)).map((line) => line.split(" ")[1]);
  return [...new Set(after)]
    .filter((line) => !had.has(line))
    .sort()
    .map((line) => {
      const [name, version] = line.split(" ");
      return `${name} ${version} (locked: ${[...new Set(of(name))].join(", ") || "none"})`;
    });
}
