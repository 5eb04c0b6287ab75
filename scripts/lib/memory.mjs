// Peak memory of a browser while it works: Linux only, from /proc.
import { readdirSync, readFileSync } from "node:fs";

/** Resident bytes and parent of every process, by id. */
function processes() {
  const all = new Map();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const status = readFileSync(`/proc/${name}/status`, "utf8");
      const field = (key) => Number(new RegExp(`^${key}:\\s*(\\d+)`, "m").exec(status)?.[1] ?? 0);
      all.set(Number(name), { parent: field("PPid"), resident: field("VmRSS") * 1024 });
    } catch {
      // It ended between the two reads.
    }
  }
  return all;
}

/** Resident bytes of the process and all its descendants, and of the largest of them. */
export function treeMemory(root) {
  const all = processes();
  const inTree = (id) => {
    for (let at = id; all.has(at); at = all.get(at).parent) if (at === root) return true;
    return false;
  };
  const sizes = [...all].filter(([id]) => inTree(id)).map(([, p]) => p.resident);
  return { total: sizes.reduce((a, b) => a + b, 0), largest: Math.max(0, ...sizes) };
}

/**
 * Samples the browser's process tree until stop() is called, which gives the peaks (null where /proc is not there).
 * The total counts pages shared between its processes once for each.
 */
export async function watchMemory(browser, { everyMs = 200 } = {}) {
  if (process.platform !== "linux") return { stop: () => null };
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const root = processInfo.find((p) => p.type === "browser").id;
  const peak = { peak_rss_bytes: 0, peak_process_rss_bytes: 0 };
  const sample = () => {
    const { total, largest } = treeMemory(root);
    peak.peak_rss_bytes = Math.max(peak.peak_rss_bytes, total);
    peak.peak_process_rss_bytes = Math.max(peak.peak_process_rss_bytes, largest);
  };
  const timer = setInterval(sample, everyMs).unref();
  return {
    stop() {
      sample();
      clearInterval(timer);
      return peak;
    },
  };
}
