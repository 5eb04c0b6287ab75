// What a server's refusal means, and what to do about it.

import { signatureAdvice } from "../door/address.ts";
import { NamedError } from "../door/errors.ts";
import type { Asked } from "./download.ts";

/** Request timeout, too many requests, and a server or a proxy that is not well. */
const PASSING = [408, 425, 429, 500, 502, 503, 504];
/** A date that asks for more was not meant: a clock is wrong, the server's or this machine's. */
const LONGEST_DATE_MS = 3_600_000;

export function isPassing(status: number): boolean {
  return PASSING.includes(status);
}

/** The server has no such file, or says so of what nobody may read. */
export class Missing extends NamedError {
  readonly file: string;

  constructor(file: string, message: string) {
    super("DownloadError", message, OPTIONS);
    this.file = file;
  }
}

const OPTIONS = { again: true };

export function refusal(response: Response, { name, shown, url }: Asked): NamedError {
  const { status, statusText, headers } = response;
  const found = `Expected ${name} at ${shown}, found HTTP ${status} ${statusText}`.trim();
  const said = wordsOf(headers.get("x-error-message"));
  const advice = status === 403 ? adviceOn403(url, shown) : adviceOn(status);
  const message = `${found}${said === "" ? "" : ` (${said})`}. ${advice}`;
  const isMissing = status === 403 || status === 404 || status === 410;
  return isMissing ? new Missing(name, message) : new NamedError("DownloadError", message, OPTIONS);
}

function adviceOn(status: number): string {
  if (status === 401) return UNREADABLE;
  if (status === 404 || status === 410) {
    return "There is no such file: the address is misspelt, or the model has none. The address must be that of the folder with config.json, tokenizer.json (or vocab.json and merges.txt) and model.safetensors.";
  }
  if (status === 407 || status === 511)
    return "The network asks you to sign in first: do that, and run again.";
  if (status === 451) return "The server may not give it to your country.";
  if (status >= 500)
    return "The server cannot send it: run again later, or save the files and pick their folder.";
  return "Check the address, or save the files and pick their folder.";
}

const UNREADABLE =
  "The model is private or gated, or its name is misspelt. This page sends no password: check the address, or download the files with your account and pick their folder.";

function adviceOn403(url: string, shown: string): string {
  return url === shown ? `${UNREADABLE} ${signatureAdvice(url)}` : signatureAdvice(url);
}

/** What the hub adds, in a line. */
function wordsOf(header: string | null): string {
  return (header ?? "")
    .replace(/[^\x20-\x7e]/g, " ")
    .trim()
    .slice(0, 200);
}

/**
 * Milliseconds, from seconds or a date. A date is the server's, so it counts from the server's own; where that cannot be seen,
 * this machine's clock must do.
 */
export function retryAfter(headers: Headers, now: number): number | null {
  const header = headers.get("retry-after");
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const ms = dateOf(header) - (dateOf(headers.get("date")) || now);
  return ms <= LONGEST_DATE_MS ? Math.max(0, ms) : null;
}

/** NaN where it is none: Date.parse also makes a date of "-5". */
function dateOf(text: string | null): number {
  return text !== null && / GMT$/.test(text) ? Date.parse(text) : Number.NaN;
}
