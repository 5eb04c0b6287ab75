// Whether a file is the one that it should be: by its pin, and by its own account of its size.

import { NamedError } from "../door/errors.ts";
import type { Answer } from "./download.ts";
import type { FileJob } from "./model-files.ts";
import { type FetchedSource, pinOf } from "./pins.ts";

/** A known file of another size is another file; no need to read it to its end. `kept`: what is kept of it, in words. */
export function checkSize(
  source: FetchedSource,
  { name }: FileJob,
  { version: { size } }: Answer,
  kept: string,
): void {
  const pin = pinOf(source, name);
  if (pin === null || size === null || size === pin.size) return;
  throw new NamedError(
    "VerifyError",
    `${name} is not the file it should be: expected ${pin.size} bytes, the server announces ${size}. It was not taken; run again to fetch it again. ${kept}`.trim(),
    { again: true },
  );
}

/** Of all its bytes, which have been read. `drop`: takes away what is kept of a wrong one. */
export function checkPin(
  source: FetchedSource,
  { name, hash, report }: FileJob,
  done: number,
  drop: () => void,
): void {
  const pin = pinOf(source, name);
  if (pin === null) return;
  report({ stage: "verify", name, done, total: done, retry: null });
  const found = hash.hex();
  if (found === pin.sha256) return;
  drop();
  throw new NamedError(
    "VerifyError",
    `${name} is not the file it should be: expected SHA-256 ${pin.sha256}, found ${found} (${done} bytes). It was dropped; run again to fetch it again.`,
    { again: true },
  );
}

/**
 * Less is only known at the end: across origins a compressed body cannot be told from a plain one, and its announced size is
 * then that of the compressed bytes.
 */
export function otherSize({ name, promised }: FileJob, found: number): NamedError {
  return new NamedError(
    "BadModel",
    `${name}: its header adds up to ${promised()} bytes, but the server has ${found}. The file there is not whole, or is no model; nothing of it was kept.`,
  );
}

/** What is there came from a longer file: it stays, for the server may have only a part of that now. */
export function endsEarly({ name, promised }: FileJob, found: number, kept: string): NamedError {
  const message = `${name}: its header adds up to ${promised()} bytes, but the server's file ends after ${found} now. Run again when it is whole there. ${kept}`;
  return new NamedError("DownloadError", message.trim(), { again: true });
}
