// Rust and what it needs to link: rustup is the one thing the user has to have.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BROWSER_TARGET } from "../lib/cargo.mjs";
import { capture, Failure, ROOT, run, say } from "../lib/run.mjs";
import { once } from "../lib/turns.mjs";
import { aptInstall } from "./apt.mjs";

export const rustToolchain = once(async () => {
  await linker();
  if ((await capture("rustup", ["--version"])) === null) {
    throw new Failure(
      "rustup is needed to build the WebAssembly: see https://rustup.rs, then run this again",
    );
  }
  // rust-toolchain.toml says most of this too, but it installs nothing where rustup's auto-install is off.
  if ((await capture("rustc", ["--version"])) === null) {
    say("setup: installing the stable Rust toolchain");
    await run("rustup", ["toolchain", "install", "stable", "--profile", "minimal"], { quiet: true });
  }
  await newEnough();
  const [targets, components] = await Promise.all([
    capture("rustup", ["target", "list", "--installed"]),
    capture("rustup", ["component", "list", "--installed"]),
  ]);
  if (!lines(targets).includes(BROWSER_TARGET)) {
    say(`setup: rustup target add ${BROWSER_TARGET}`);
    await run("rustup", ["target", "add", BROWSER_TARGET], { quiet: true });
  }
  for (const name of ["rustfmt", "clippy"]) {
    if (lines(components).some((c) => c.startsWith(name))) continue;
    say(`setup: rustup component add ${name}`);
    await run("rustup", ["component", "add", name], { quiet: true });
  }
});

const lines = (text) => (text ?? "").split(/\r?\n/);

/** Build scripts and macros are native programs, whatever the crate is built for: they are linked by the C compiler. */
async function linker() {
  if (process.platform === "win32") return; // rustup itself asks for Microsoft's
  const there = async () => (await capture("cc", ["--version"])) !== null;
  if ((await there()) || ((await aptInstall("build-essential")) && (await there()))) return;
  throw new Failure(
    "a C compiler (cc) is needed to link Rust programs: " +
      (process.platform === "darwin"
        ? "xcode-select --install"
        : "apt-get install build-essential (Debian, Ubuntu), or gcc by another name"),
  );
}

/** `rust-version` of the crate, so that an old toolchain is not found out by a compiler error an hour later. */
async function newEnough() {
  const wanted = /^rust-version = "([\d.]+)"/m.exec(
    readFileSync(join(ROOT, "crate", "Cargo.toml"), "utf8"),
  )?.[1];
  const found = () => capture("rustc", ["--version"]);
  if (!wanted || !isOlder(await found(), wanted)) return;
  say(`setup: rustup update stable (Rust ${wanted} is needed)`);
  await run("rustup", ["update", "stable", "--no-self-update"], { quiet: true }).catch(() => {});
  const now = await found();
  if (!isOlder(now, wanted)) return;
  throw new Failure(
    `Rust ${wanted} or newer is needed, this is ${now}: run rustup update stable${process.env.RUSTUP_TOOLCHAIN ? " and unset RUSTUP_TOOLCHAIN" : ""}`,
  );
}

/** Whether what `rustc --version` printed is older than a version such as 1.95. */
export function isOlder(rustc, wanted) {
  const [major, minor] = (/(\d+)\.(\d+)/.exec(rustc ?? "") ?? [0, 0, 0]).slice(1).map(Number);
  const [wantedMajor, wantedMinor] = wanted.split(".").map(Number);
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}
