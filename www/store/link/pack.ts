// Text as it stands in a share link: compressed by "deflate-raw", then base64url. What comes from a link is read no
// further than a limit, since a few bytes may be made to unfold into gigabytes.

import { NamedError } from "../../door/errors.ts";

/** Bytes given to the decompressor at a time: it hands out all that they unfold to, up to a thousand times as much. */
const PIECE = 256;

/** "" stays "". */
export async function pack(text: string): Promise<string> {
  if (text === "") return "";
  const packing = new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const packed = new Uint8Array(await new Response(packing).arrayBuffer());
  // In pieces: a call takes only so many arguments.
  let binary = "";
  for (let at = 0; at < packed.length; at += 4096)
    binary += String.fromCharCode(...packed.subarray(at, at + 4096));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Throws BadInput for what `pack` did not make, and for a text of more than `most` bytes. */
export async function unpack(packed: string, most: number): Promise<string> {
  if (packed === "") return "";
  const bytes = await unfold(bytesOf(packed), most);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw broken("the text in it is not UTF-8");
  }
}

function bytesOf(packed: string): Uint8Array<ArrayBuffer> {
  const found = /[^A-Za-z0-9_-]/.exec(packed);
  if (found !== null) throw broken(`expected letters, digits, - and _, found "${found[0]}"`);
  if (packed.length % 4 === 1) throw broken("its end is missing");
  const binary = atob(packed.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

async function unfold(bytes: Uint8Array<ArrayBuffer>, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const reader = inPieces(bytes).pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      length += read.value.length;
      if (length > most) break;
      pieces.push(read.value);
    }
  } catch {
    throw broken("it cannot be unpacked");
  }
  if (length > most) {
    await reader.cancel();
    throw broken(`expected at most ${most} bytes when unpacked, found more`);
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

/** Each piece only when the one before it has been read. */
function inPieces(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream(
    {
      pull(controller) {
        if (at < bytes.length) controller.enqueue(bytes.subarray(at, at + PIECE));
        else controller.close();
        at += PIECE;
      },
    },
    { highWaterMark: 0 },
  );
}

function broken(why: string): NamedError {
  return new NamedError("BadInput", `the packed text is damaged: ${why}`, { field: "prompts" });
}
