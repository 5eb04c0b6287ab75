// One answer of a server: a file from its first byte, or a part of it that may be placed.

import { messageOf } from "../door/errors.ts";
import { SILENCE_MS } from "./body.ts";
import { isPassing, refusal, retryAfter } from "./refusals.ts";
import { Transient, Unplaced } from "./transient.ts";
import { countOf, isCompressed, isSame, mayBeSame, partOf, type Version, versionOf } from "./versions.ts";

export interface Answer {
  version: Version;
  body: ReadableStream<Uint8Array>;
  /** Where the body begins in the file: "said" by the server, or only to be "seen" from the bytes themselves. */
  start: "first byte" | "said" | "seen";
}

export interface Asked {
  url: string;
  /** The same for messages: without a query, which may be a signature. */
  shown: string;
  name: string;
  /** The first byte wanted. */
  from: number;
  /** The version of which the bytes before `from` are, with the size that the file must have. */
  version: Version;
  /** The whole will be compared with a known hash: no need to be sure beforehand. */
  pinned: boolean;
  signal: AbortSignal;
}

/** Asks for the file. Throws Transient, Unplaced, or the error for which there is no remedy here. */
export async function ask(asked: Asked): Promise<Answer> {
  const { from, signal } = asked;
  signal.throwIfAborted();
  const response = await get(asked);
  const { body, status } = response;
  const version = versionOf(response, from);
  if (status === 200 && body !== null) return { version, body, start: "first byte" };
  if (status === 206 && body !== null && from > 0) {
    const start = placeOf(response, asked, version);
    if (start !== null) return { version, body, start };
  }
  await body?.cancel().catch(() => undefined);
  if (from > 0 && status === 206)
    throw new Unplaced("the server sends a part of the file that cannot be placed");
  if (from > 0 && status === 416) throw new Unplaced("the file on the server is shorter than it was");
  if (status === 206) throw new Transient("the server sends a part of the file, unasked");
  if (isPassing(status)) {
    const now = Date.now();
    const after = retryAfter(response.headers, now);
    throw new Transient(`the server answered HTTP ${status} ${response.statusText}`.trim(), { after });
  }
  throw refusal(response, asked);
}

/**
 * How the place of a 206's bytes is known, null where it cannot be. Content-Range may be hidden from a page of another origin;
 * then the length must be that of the rest, and the bytes themselves must tell.
 */
function placeOf({ headers }: Response, asked: Asked, found: Version): "said" | "seen" | null {
  const { from, version, pinned } = asked;
  if (isCompressed(headers) || /^multipart\//i.test(headers.get("content-type") ?? "")) return null;
  if (!(pinned ? mayBeSame(version, found) : isSame(version, found))) return null;
  const length = countOf(headers.get("content-length"));
  if (headers.get("content-range") === null) {
    return length !== null && from + length === version.size ? "seen" : null;
  }
  const part = partOf(headers);
  if (part === null || part.first !== from || part.last < from) return null;
  if (part.size !== null && part.last >= part.size) return null;
  return length === null || length === part.last - from + 1 ? "said" : null;
}

async function get({ url, from, version, signal }: Asked): Promise<Response> {
  const headers = new Headers();
  if (from > 0) {
    headers.set("range", `bytes=${from}-`);
    // Across origins this header would need the server's leave (a preflight), which hubs do not give. The answer's
    // version is compared in any case.
    const validator = version.etag ?? version.modified;
    if (validator !== null && new URL(url).origin === globalThis.location?.origin)
      headers.set("if-range", validator);
  }
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    return await fetch(url, { headers, ...ANONYMOUS, signal: AbortSignal.any([signal, silence.signal]) });
  } catch (error) {
    signal.throwIfAborted();
    if (silence.signal.aborted)
      throw new Transient(`the server did not answer within ${SILENCE_MS / 1000} s`);
    if (await answersOthers(url, signal)) {
      const why = "the server answers, but not so that this page may read it";
      throw new Transient(why, { unreadable: true });
    }
    throw new Transient(`the connection failed (${messageOf(error)})`);
  } finally {
    clearTimeout(timer);
  }
}

const ANONYMOUS = { referrerPolicy: "no-referrer", credentials: "omit", cache: "no-store" } as const;

/**
 * Whether the server answers the same request where the page does not ask to read the answer. Its body is not waited for.
 * What may be read after all, as from the page's own origin, failed for another reason.
 */
async function answersOthers(url: string, signal: AbortSignal): Promise<boolean> {
  const enough = new AbortController();
  const timer = setTimeout(() => enough.abort(), SILENCE_MS);
  try {
    const ended = AbortSignal.any([signal, enough.signal]);
    const { type } = await fetch(url, { mode: "no-cors", ...ANONYMOUS, signal: ended });
    return type === "opaque";
  } catch {
    signal.throwIfAborted();
    return false;
  } finally {
    clearTimeout(timer);
    enough.abort();
  }
}

/** What the server says of a file, without the file; null where it does not answer this page. */
export async function headOf(url: string): Promise<Response | null> {
  try {
    return await fetch(url, { method: "HEAD", ...ANONYMOUS, signal: AbortSignal.timeout(SILENCE_MS) });
  } catch {
    return null;
  }
}
