// What the system's own package manager can get without asking anyone.
import { readFileSync } from "node:fs";
import { capture, run, say } from "../lib/run.mjs";

/** "debian", "ubuntu", … or null. */
export function distribution() {
  try {
    return /^ID="?([^"\n]+)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? null;
  } catch {
    return null;
  }
}

/** As root on Debian or what descends from it: installs them. True where it was tried; whether it helped is to be seen. */
export async function aptInstall(...packages) {
  if (process.platform !== "linux" || process.getuid() !== 0) return false;
  if ((await capture("apt-get", ["--version"])) === null) return false;
  say(`setup: apt-get install ${packages.join(" ")}`);
  const options = { env: { DEBIAN_FRONTEND: "noninteractive" }, quiet: true };
  await run("apt-get", ["update"], options).catch(() => {}); // a stale list may do
  await run("apt-get", ["install", "-y", "--no-install-recommends", ...packages], options).catch(() => {});
  return true;
}
