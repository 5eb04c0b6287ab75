// A home folder for a browser, so that nothing of it is left when it has ended.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** `env` says where it is; `remove` removes it, as the end of this process does at the latest. */
export function newHome() {
  const home = mkdtempSync(join(tmpdir(), "patchbay-home-"));
  const remove = () => rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  process.once("exit", remove);
  const names = ["HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"];
  return { env: Object.fromEntries(names.map((name) => [name, home])), remove };
}
