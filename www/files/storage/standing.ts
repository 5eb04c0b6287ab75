// Whether what is kept is still what its address has. A start never waits for that, and nothing is thrown away for it.

import type { Standing } from "../../door/protocol.ts";
import { requestUrl } from "../../door/sources.ts";
import { headOf } from "../download.ts";
import { type FetchedSource, pinOf } from "../pins.ts";
import { mayBeSame, type Version, versionOf } from "../versions.ts";
import type { FileOrigin } from "./journal.ts";

/** Compares the kept files' versions with the server's. One that differs is enough. */
export async function standingOf(
  source: FetchedSource,
  kept: ReadonlyMap<string, FileOrigin>,
): Promise<Standing> {
  // What is known by its hash cannot be another one.
  const names = [...kept.keys()].filter((name) => pinOf(source, name) === null);
  const found = await Promise.all(
    names.map((name) => standingOfFile(requestUrl(source, name), kept.get(name))),
  );
  return (["gone", "replaced", "unknown"] as const).find((standing) => found.includes(standing)) ?? "same";
}

async function standingOfFile(url: string, origin: FileOrigin | undefined): Promise<Standing> {
  const head = await headOf(url);
  if (head === null || origin === undefined) return "unknown";
  if (head.status === 404 || head.status === 410) return "gone";
  if (!head.ok) return "unknown";
  return compare(origin, versionOf(head, 0));
}

/** A tag that is the same says more than a date: a file that is copied anew has another date. */
function compare(kept: Version, now: Version): Standing {
  if (kept.etag !== null && kept.etag === now.etag) return "same";
  if (!mayBeSame(kept, now)) return "replaced";
  const told = (key: keyof Version) => kept[key] !== null && now[key] !== null;
  return told("etag") || told("modified") || told("size") ? "same" : "unknown";
}
