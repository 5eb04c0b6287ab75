// One answer of a server: a file from some byte on, and whether it is still the file of which the first bytes came.

import { signatureAdvice, withoutSecrets } from "../address.ts";
import { messageOf, NamedError } from "../errors.ts";

/** What tells one version of a server's file from another. */
export interface Version {
  etag: string | null;
  modified: string | null;
  size: number | null;
}

export interface Answer {
  version: Version;
  body: ReadableStream<Uint8Array>;
}

/** Another try may help. */
export class Transient extends Error {
  /** What the server asked to wait, in ms. */
  readonly after: number | null;
  /** The server is there, but the browser does not let this page read its answer: it may not allow that, or fail. */
  readonly unreadable: boolean;

  constructor(why: string, { after = null, unreadable = false }: Partial<Transient> = {}) {
    super(why);
    this.after = after;
    this.unreadable = unreadable;
  }
}

/** What there is of the file cannot be continued: it has to come from its first byte. */
export class StartOver extends Error {
  /** Where the server sent that instead of the rest. */
  readonly whole: Answer | null;

  constructor(why: string, whole: Answer | null = null) {
    super(why);
    this.whole = whole;
  }
}

/** Without a byte for so long, a connection is taken for dead. */
const SILENCE_MS = 30_000;
/** At most so much is read at a time. */
const BUFFER = 2 ** 20;
/** Request timeout, too many requests, and a server or a proxy that is not well. */
const PASSING = [408, 429, 500, 502, 503, 504];

export interface Asked {
  url: string;
  name: string;
  /** The first byte wanted. */
  from: number;
  /** The version of which the bytes before `from` are. */
  version: Version;
  /** The whole will be compared with a known hash: no need to be sure beforehand. */
  pinned: boolean;
  signal: AbortSignal;
}

/** Asks for the file. Throws Transient, StartOver, or the error for which there is no remedy here. */
export async function ask(asked: Asked): Promise<Answer> {
  const { url, name, from, signal } = asked;
  signal.throwIfAborted();
  const response = await get(asked);
  const refuse = async (error: Error): Promise<never> => {
    await response.body?.cancel().catch(() => undefined);
    throw error;
  };
  const found = `HTTP ${response.status} ${response.statusText}`.trim();
  if (PASSING.includes(response.status)) {
    const after = retryAfter(response.headers.get("retry-after"), Date.now());
    return refuse(new Transient(`the server answered ${found}`, { after }));
  }
  if (from > 0 && response.status === 416) {
    return refuse(new StartOver("the file on the server is shorter than it was"));
  }
  if (!response.ok || response.body === null) {
    const advice =
      response.status === 403
        ? signatureAdvice(url)
        : "The base URL must hold config.json, tokenizer.json and model.safetensors.";
    const message = `Expected ${name} at ${withoutSecrets(url)}, found ${found}. ${advice}`;
    return refuse(new NamedError("DownloadError", message, { again: true }));
  }
  const version = versionOf(response, from);
  const { body } = response;
  if (from > 0 && response.status !== 206) {
    throw new StartOver("the server sends all of the file again, which may have changed", { version, body });
  }
  if (from > 0 && !continues(response, asked, version)) {
    return refuse(new StartOver("the file on the server may have changed"));
  }
  return { version, body };
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
    if (silence.signal.aborted) throw new Transient("the server did not answer");
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

function versionOf({ headers, status }: Response, from: number): Version {
  // Of a compressed body, length and parts are those of the compressed bytes.
  const encoding = headers.get("content-encoding");
  if (encoding !== null && encoding !== "identity") return { etag: null, modified: null, size: null };
  const etag = headers.get("etag");
  const length = countOf(headers.get("content-length"));
  const ofWhole = countOf(/\/(\d+)$/.exec(headers.get("content-range") ?? "")?.[1] ?? null);
  const size = status === 206 ? (ofWhole ?? (length === null ? null : from + length)) : length;
  // A weak ETag vouches for the meaning, not for the bytes.
  return { etag: etag?.startsWith("W/") ? null : etag, modified: headers.get("last-modified"), size };
}

function countOf(text: string | null): number | null {
  const count = Number(text);
  return text !== null && /^\d+$/.test(text) && Number.isSafeInteger(count) ? count : null;
}

/** Whether a 206 goes on where the first part ended, in the same version of the file. */
function continues({ headers }: Response, { from, version, pinned }: Asked, found: Version): boolean {
  const range = headers.get("content-range");
  if (range !== null && !range.startsWith(`bytes ${from}-`)) return false;
  return pinned ? mayBeSame(version, found) : isSame(version, found);
}

/** Whether both are surely of the same bytes. */
export function isSame(one: Version, other: Version): boolean {
  const seen = (key: keyof Version) => one[key] !== null && other[key] !== null;
  return mayBeSame(one, other) && (seen("etag") || seen("modified"));
}

function mayBeSame(one: Version, other: Version): boolean {
  const differs = (key: keyof Version) => one[key] !== null && other[key] !== null && one[key] !== other[key];
  return !differs("etag") && !differs("modified") && !differs("size");
}

/** Milliseconds, from seconds or a date. */
export function retryAfter(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  // Date.parse also makes a date of "-5".
  const ms = / GMT$/.test(header) ? Date.parse(header) - now : Number.NaN;
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}

/** The body's bytes: each chunk is good until the next is asked for. Throws Transient if it breaks off or falls silent. */
export async function* chunksOf(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const reader = readerOf(body);
  try {
    for (;;) {
      const { done, value } = await nextChunk(reader, signal);
      signal.throwIfAborted();
      if (done) return;
      yield value;
    }
  } finally {
    // Ends the transfer when the consumer stops early; does nothing at the end.
    await reader.cancel().catch(() => undefined);
  }
}

type ChunkReader = Pick<ReadableStreamDefaultReader<Uint8Array>, "read" | "cancel">;

/**
 * Reads into one buffer again and again where the browser can: else 100 MB of chunks wait to be collected as garbage.
 */
function readerOf(body: ReadableStream<Uint8Array>): ChunkReader {
  let reader: ReadableStreamBYOBReader;
  try {
    reader = body.getReader({ mode: "byob" });
  } catch {
    return body.getReader();
  }
  let buffer = new ArrayBuffer(BUFFER);
  return {
    async read() {
      const read = await reader.read(new Uint8Array(buffer));
      if (read.value) buffer = read.value.buffer;
      return read;
    },
    cancel: (reason) => reader.cancel(reason),
  };
}

async function nextChunk(
  reader: ChunkReader,
  signal: AbortSignal,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Transient(`no byte came for ${SILENCE_MS / 1000} s`)), SILENCE_MS);
  });
  try {
    return await Promise.race([reader.read(), silence]);
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof Transient ? error : new Transient(`the transfer broke off (${messageOf(error)})`);
  } finally {
    clearTimeout(timer);
  }
}
