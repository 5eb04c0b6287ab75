// The bytes of an answer, as they come. None may come too slowly: a server that trickles them would hold a run for ever.

import { messageOf } from "../door/errors.ts";
import { Transient } from "./transient.ts";

/** Without a byte for so long, a connection is taken for dead. */
export const SILENCE_MS = 30_000;
/** In each such time of waiting, at least so many bytes come. */
const WINDOW_MS = 60_000;
const WINDOW_BYTES = 1 << 14;
/** At most so much is read at a time. */
const BUFFER = 2 ** 20;

/** The body's bytes: each chunk is good until the next is asked for. Throws Transient if it breaks off, or almost stops. */
export async function* chunksOf(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const reader = readerOf(body);
  const pulse = new Pulse();
  try {
    for (;;) {
      const start = performance.now();
      const { done, value } = await nextChunk(reader, signal);
      signal.throwIfAborted();
      if (done) return;
      pulse.beat(value.byteLength, performance.now() - start);
      yield value;
    }
  } finally {
    // Ends the transfer when the consumer stops early; does nothing at the end.
    await reader.cancel().catch(() => undefined);
  }
}

/** How much comes while it is waited for. */
class Pulse {
  #waited = 0;
  #bytes = 0;

  beat(bytes: number, waited: number): void {
    this.#waited += waited;
    this.#bytes += bytes;
    if (this.#waited < WINDOW_MS) return;
    if (this.#bytes < WINDOW_BYTES) {
      throw new Transient(`only ${this.#bytes} bytes came in ${Math.round(this.#waited / 1000)} s`);
    }
    this.#waited = 0;
    this.#bytes = 0;
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
