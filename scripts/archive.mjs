// `npm run archive`: builds the site, and makes target/archive/patchbay-VERSION.zip of it with its SHA-256 beside it.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { capture, Failure, isMain, main, ROOT } from "./lib/run.mjs";
import { sha256 } from "./lib/stamp.mjs";
import { setup } from "./setup.mjs";

const BESIDE_THE_SITE = {
  "HOSTING.md": "docs/hosting.md",
  "LICENSE-MIT": "LICENSE-MIT",
  "LICENSE-APACHE": "LICENSE-APACHE",
};

/** Makes the archive of what is built; returns its path. The same commit and files give the same bytes, on any day and machine. */
export async function archive() {
  // A zip is opened by every system. fflate compresses by itself, where zip, tar and Node's zlib do so by their version.
  const { zipSync } = await import("fflate");
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const name = `patchbay-${version}`;
  const files = Object.fromEntries(
    [...siteFiles(), ...Object.entries(BESIDE_THE_SITE)]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, source]) => [`${name}/${path}`, readFileSync(join(ROOT, source))]),
  );
  const zip = zipSync(files, { level: 9, mtime: await commitTime() });

  const folder = join(ROOT, "target", "archive");
  rmSync(folder, { recursive: true, force: true }); // one of an earlier version would be released too
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.zip`);
  writeFileSync(path, zip);
  writeFileSync(`${path}.sha256`, `${sha256(zip)}  ${name}.zip\n`); // as sha256sum --check reads it
  return path;
}

/**
 * When the commit was made, in UTC as if that were local time: a zip holds hours without a zone. No time is the same for
 * all versions, since hosts tell by a file's time whether a browser's copy of it is still good.
 */
async function commitTime() {
  const seconds = await capture("git", ["log", "-1", "--format=%ct"]);
  if (!seconds) throw new Failure("npm run archive needs git and a commit, whose time the files get");
  const time = new Date(seconds * 1000);
  return new Date(time.getTime() + time.getTimezoneOffset() * 60_000);
}

const siteFiles = () =>
  readdirSync(join(ROOT, "dist"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(join(ROOT, "dist").length + 1)
        .replaceAll("\\", "/"),
    )
    .map((path) => [path, `dist/${path}`]);

if (isMain(import.meta)) {
  main(async () => {
    await setup();
    await build();
    const path = await archive();
    console.log(`${path} (${(readFileSync(path).length / 2 ** 20).toFixed(1)} MiB)`);
  });
}
