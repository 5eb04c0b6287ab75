// The log beside a stored file: whose file it is, and how many of its bytes are good. One line of JSON is added at a
// time, and what a crash leaves of a line is passed over: the last whole line counts.

/** Where a file came from, and what tells whether the server's file is still the same. */
export interface FileOrigin {
  /** The model's id, as in a share link. */
  id: string;
  base: string;
  revision: string | null;
  etag: string | null;
  modified: string | null;
  /** As announced. */
  size: number | null;
}

/** The first `bytes` bytes have this hash. */
export interface Checkpoint {
  bytes: number;
  sha256: string;
  /** ISO 8601 */
  date: string;
  /** These are all bytes of the file, and they have been checked. */
  complete: boolean;
}

export interface Journal {
  /** The last one: the same bytes may turn out to be a later version's as well. */
  origin: FileOrigin | null;
  checkpoints: (Checkpoint & { end: number })[];
  /** Where the log's last good line ends, and where its first does. Each checkpoint's own line has its `end`. */
  end: number;
  firstEnd: number;
}

/** The file's announced size, unless it cannot be: across origins, that of a compressed body counts compressed bytes. */
export function sizeOf(origin: FileOrigin | null, bytes: number): number | null {
  const size = origin?.size ?? null;
  return size !== null && size >= bytes ? size : null;
}

export function parseJournal(log: Uint8Array): Journal {
  const journal: Journal = { origin: null, checkpoints: [], end: 0, firstEnd: 0 };
  for (;;) {
    const start = journal.end;
    const end = log.indexOf(NEWLINE, start) + 1;
    if (end === 0) return journal;
    const line = parseLine(log.subarray(start, end));
    if (isOrigin(line)) {
      journal.origin = line;
      if (start === 0) journal.firstEnd = end;
    } else {
      const { origin, checkpoints } = journal;
      if (origin === null || !isCheckpoint(line) || line.bytes < (checkpoints.at(-1)?.bytes ?? 0))
        return journal;
      checkpoints.push({ ...line, end });
    }
    journal.end = end;
  }
}

export function journalLine(line: FileOrigin | Checkpoint): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(line)}\n`);
}

const NEWLINE = 10;

function parseLine(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

function isOrigin(line: unknown): line is FileOrigin {
  if (typeof line !== "object" || line === null) return false;
  const { id, base, revision, etag, modified, size } = line as Partial<FileOrigin>;
  return isText(id) && isText(base) && [revision, etag, modified].every(isTextOrNull) && isCountOrNull(size);
}

function isCheckpoint(line: unknown): line is Checkpoint {
  if (typeof line !== "object" || line === null) return false;
  const { bytes, sha256, date, complete } = line as Partial<Checkpoint>;
  return isCount(bytes) && isText(sha256) && isText(date) && typeof complete === "boolean";
}

const isText = (value: unknown): value is string => typeof value === "string";
const isTextOrNull = (value: unknown) => value === null || isText(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isCountOrNull = (value: unknown) => value === null || isCount(value);
