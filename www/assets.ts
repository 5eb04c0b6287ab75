// The model's files, from the network or from a picked folder, as bytes that arrive piece by piece.

import { messageOf, NamedError } from "./errors.ts";
import type { ModelFile, ModelSource } from "./sources.ts";

export interface OpenFile {
  name: string;
  /** For messages: where the bytes come from, and what to do when they do not come. */
  where: string;
  remedy: string;
  /** Content-Length, or the size on disk. */
  size: number | null;
  body: ReadableStream<Uint8Array>;
}

export async function openFile(source: ModelSource, name: ModelFile, signal: AbortSignal): Promise<OpenFile> {
  signal.throwIfAborted();
  if (source.kind === "url") return fetchFile(fileUrl(source.base, name), name, signal);
  const file = source.files[name];
  // The browser refuses a file that is not as it was when it was picked.
  const remedy = "The file may have changed since the folder was picked: pick the folder again.";
  return { name, where: "the picked folder", remedy, size: file.size, body: file.stream() };
}

/** The base URL may or may not end in a slash; its query is kept (signed URLs). */
export function fileUrl(base: string, name: string): string {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${name}`;
  url.hash = "";
  return url.href;
}

async function fetchFile(url: string, name: string, signal: AbortSignal): Promise<OpenFile> {
  let response: Response;
  try {
    response = await fetch(url, { signal, referrerPolicy: "no-referrer", credentials: "omit" });
  } catch (error) {
    signal.throwIfAborted();
    throw new NamedError(
      "DownloadError",
      `Could not fetch ${name} from ${url} (${messageOf(error)}). Check the connection and the address; the server must allow this page to read its files (CORS).`,
    );
  }
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    const found = `HTTP ${response.status} ${response.statusText}`.trim();
    throw new NamedError(
      "DownloadError",
      `Expected ${name} at ${url}, found ${found}. The base URL must hold config.json, tokenizer.json and model.safetensors.`,
    );
  }
  const remedy = "Run again to read it once more.";
  return { name, where: url, remedy, size: contentLength(response), body: response.body };
}

function contentLength(response: Response): number | null {
  // Of a compressed body the header counts the compressed bytes.
  const encoding = response.headers.get("content-encoding");
  const text = response.headers.get("content-length");
  if (text === null || (encoding !== null && encoding !== "identity")) return null;
  const size = Number(text);
  return Number.isSafeInteger(size) ? size : null;
}

/** The file's bytes in order. Throws if the body breaks off, or when `signal` is aborted between two chunks. */
export async function* chunksOf(file: OpenFile, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  const reader = file.body.getReader();
  let received = 0;
  try {
    for (;;) {
      const { done, value } = await readChunk(reader, file, received, signal);
      signal.throwIfAborted();
      if (done) break;
      received += value.byteLength;
      yield value;
    }
    if (file.size !== null && received < file.size) throw brokenOff(file, received, "the body ended early");
  } finally {
    // Stops the download when the consumer stops early; does nothing at the end.
    await reader.cancel().catch(() => undefined);
  }
}

async function readChunk(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  file: OpenFile,
  received: number,
  signal: AbortSignal,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  try {
    return await reader.read();
  } catch (error) {
    signal.throwIfAborted();
    throw brokenOff(file, received, messageOf(error));
  }
}

function brokenOff(file: OpenFile, received: number, why: string): NamedError {
  const expected = file.size === null ? "an unknown number of" : `${file.size}`;
  return new NamedError(
    "DownloadError",
    `${file.name} broke off: expected ${expected} bytes, found ${received} (${why}). Source: ${file.where}. ${file.remedy}`,
  );
}

/** A small file as a whole. */
export async function readWhole(file: OpenFile, signal: AbortSignal): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunksOf(file, signal)) parts.push(chunk);
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.byteLength;
  }
  return whole;
}
