import { describe, expect, it } from "vitest";
import { pack, unpack } from "./pack.ts";

const MOST = 100_000;

describe("pack", () => {
  it.each([
    "",
    "a",
    "Zoë ß 🙂 \u{feff}\n\tlast",
    "x".repeat(MOST),
    // More than one call of fromCharCode takes.
    Array.from({ length: 8000 }, (_, i) => Math.sin(i).toString(36))
      .join("")
      .slice(0, MOST),
  ])("comes back as it went (%#)", async (text) => {
    const packed = await pack(text);
    expect(packed).toMatch(/^[A-Za-z0-9_-]*$/);
    expect(await unpack(packed, MOST)).toBe(text);
  });
});

const GOOD = await pack("some text that goes on");
const TOO_LONG = await pack("x".repeat(MOST + 1));
const NO_TEXT = await packBytes(new Uint8Array([0xff, 0xfe]));

describe("unpack", () => {
  it.each([
    ["another alphabet", "ab+c", /expected letters, digits, - and _, found "\+"/],
    ["a length that none has", "abcde", /its end is missing/],
    ["no deflate", "____", /cannot be unpacked/],
    ["a cut", GOOD.slice(0, -4), /cannot be unpacked/],
    ["what is no UTF-8", NO_TEXT, /not UTF-8/],
    ["one byte too many", TOO_LONG, /at most 100000 bytes/],
  ])("refuses %s", async (_, packed, message) => {
    await expect(unpack(packed, MOST)).rejects.toThrow(message);
  });

  it("stops a bomb soon after the limit", async () => {
    const bomb = await pack("\0".repeat(50_000_000));
    const before = process.memoryUsage().arrayBuffers;
    await expect(unpack(bomb, MOST)).rejects.toThrow(/found more/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5_000_000);
  });
});

async function packBytes(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return Buffer.from(await new Response(packed).arrayBuffer()).toString("base64url");
}
