import { describe, expect, it } from "vitest";
import { type Checkpoint, type FileOrigin, journalLine, parseJournal } from "./journal.ts";

const ORIGIN: FileOrigin = {
  id: "url:http://x/ü",
  base: "http://x/ü",
  revision: null,
  etag: '"1"',
  modified: null,
  size: 9,
};
const point = (bytes: number, complete = false): Checkpoint => ({
  bytes,
  sha256: "00",
  date: "2026",
  complete,
});
const log = (...lines: (FileOrigin | Checkpoint | Uint8Array)[]) =>
  Buffer.concat(lines.map((line) => (line instanceof Uint8Array ? line : journalLine(line))));

describe("parseJournal", () => {
  it("reads what was written, with the places where lines end", () => {
    const bytes = log(ORIGIN, point(4), point(9, true));
    const { origin, checkpoints, end, firstEnd } = parseJournal(bytes);
    expect(origin).toEqual(ORIGIN);
    expect(checkpoints).toEqual([
      { ...point(4), end: log(ORIGIN, point(4)).byteLength },
      { ...point(9, true), end },
    ]);
    expect([firstEnd, end]).toEqual([log(ORIGIN).byteLength, bytes.byteLength]);
  });

  it("passes over what a crash left of a line, wherever it happened", () => {
    const whole = log(ORIGIN, point(4), point(9, true));
    const { firstEnd, checkpoints } = parseJournal(whole);
    for (let cut = 0; cut < whole.byteLength; cut++) {
      const parsed = parseJournal(whole.subarray(0, cut));
      expect(parsed.checkpoints).toEqual(checkpoints.filter(({ end }) => end <= cut));
      expect(parsed.origin).toEqual(cut >= firstEnd ? ORIGIN : null);
    }
  });

  it("goes by the last origin: the same bytes may be a later version's as well", () => {
    const later = { ...ORIGIN, etag: '"2"' };
    const { origin, checkpoints } = parseJournal(log(ORIGIN, point(4), later, point(9, true)));
    expect(origin).toEqual(later);
    expect(checkpoints.map(({ bytes }) => bytes)).toEqual([4, 9]);
  });

  it.each([
    ["no JSON", "nonsense\n"],
    ["another record", '{"bytes":4}\n'],
    ["a size that is none", JSON.stringify({ ...ORIGIN, size: -1 }).concat("\n")],
    ["null", "null\n"],
  ])("trusts nothing after %s", (_, text) => {
    const parsed = parseJournal(Buffer.concat([Buffer.from(text), log(ORIGIN)]));
    expect(parsed).toEqual({ origin: null, checkpoints: [], end: 0, firstEnd: 0 });
  });

  it("trusts no checkpoint that goes back, or is none", () => {
    const bytesOf = (bytes: Uint8Array) => parseJournal(bytes).checkpoints.map(({ bytes }) => bytes);
    expect(bytesOf(log(ORIGIN, point(8), point(4)))).toEqual([8]);
    const odd = new TextEncoder().encode('{"bytes":1e99,"sha256":"","date":"","complete":false}\n');
    expect(bytesOf(log(ORIGIN, point(8), odd, point(9)))).toEqual([8]);
  });
});
