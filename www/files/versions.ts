// What tells one version of a server's file from another.

export interface Version {
  etag: string | null;
  modified: string | null;
  size: number | null;
}

export const NO_VERSION: Version = { etag: null, modified: null, size: null };

/** A file that changed so shortly before an answer may change again within the second that its date goes by. */
const SETTLED_MS = 60_000;
/** As nginx and Apache make them, of date and size: such a tag knows no more than the date. */
const TAG_OF_DATE = /^"[0-9a-f]+(-[0-9a-f]+)+"$/i;

/** `from`: the first byte that was asked for. Across origins a page sees only some headers, unless the server lets it see more. */
export function versionOf({ headers, status }: Response, from: number): Version {
  // Length and parts of a compressed body are those of the compressed bytes.
  if (isCompressed(headers)) return NO_VERSION;
  const modified = headers.get("last-modified");
  const settled = isSettled(modified, headers.get("date"));
  const length = countOf(headers.get("content-length"));
  const size = status === 206 ? (partOf(headers)?.size ?? (length === null ? null : from + length)) : length;
  return { etag: strongTag(headers.get("etag"), settled), modified: settled ? modified : null, size };
}

export function isCompressed(headers: Headers): boolean {
  const encoding = headers.get("content-encoding");
  return encoding !== null && encoding !== "identity";
}

function isSettled(modified: string | null, date: string | null): boolean {
  const now = date === null ? Date.now() : Date.parse(date);
  return modified !== null && now - Date.parse(modified) >= SETTLED_MS;
}

/** A weak tag vouches for the meaning, not for the bytes. */
function strongTag(etag: string | null, settled: boolean): string | null {
  if (etag === null || etag.startsWith("W/")) return null;
  return TAG_OF_DATE.test(etag) && !settled ? null : etag;
}

export interface Part {
  first: number;
  last: number;
  /** Of the whole file; null where the server does not know it. */
  size: number | null;
}

/** What Content-Range says; null where it cannot be seen or read. */
export function partOf(headers: Headers): Part | null {
  const [, first, last, size] =
    /^bytes (\d+)-(\d+)\/(\d+|\*)$/i.exec(headers.get("content-range")?.trim() ?? "") ?? [];
  const part = { first: countOf(first), last: countOf(last), size: countOf(size) };
  return part.first === null || part.last === null ? null : (part as Part);
}

export function countOf(text: string | null | undefined): number | null {
  const count = Number(text);
  return text != null && /^\d+$/.test(text) && Number.isSafeInteger(count) ? count : null;
}

/** Whether anything but the bytes themselves can tell that it is this version. */
export function isTold({ etag, modified }: Version): boolean {
  return etag !== null || modified !== null;
}

/** Whether both are surely of the same bytes. */
export function isSame(one: Version, other: Version): boolean {
  const seen = (key: keyof Version) => one[key] !== null && other[key] !== null;
  return mayBeSame(one, other) && (seen("etag") || seen("modified"));
}

export function mayBeSame(one: Version, other: Version): boolean {
  const differs = (key: keyof Version) => one[key] !== null && other[key] !== null && one[key] !== other[key];
  return !differs("etag") && !differs("modified") && !differs("size");
}
