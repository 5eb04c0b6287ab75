// Numbers, and other people's texts, as the page prints them.

import { visible } from "./plain-text.ts";

/** As the notebook prints scores. U+2212 is not used: the figures are copied into code. */
export function score(value: number): string {
  return value.toFixed(4);
}

export function bytes(count: number): string {
  if (count < 1000) return `${count} bytes`;
  if (count < 999_500) return `${(count / 1e3).toFixed(0)} kB`;
  if (count < 9.95e6) return `${(count / 1e6).toFixed(1)} MB`;
  return count < 999.5e6 ? `${(count / 1e6).toFixed(0)} MB` : `${(count / 1e9).toFixed(2)} GB`;
}

export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** A guess needs no decimals. */
export function roughly(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** Small norms and differences, over many orders of magnitude. */
export function small(value: number): string {
  if (value === 0) return "0";
  const usual = Math.abs(value) >= 0.001 && Math.abs(value) < 10_000;
  return usual ? String(Number(value.toPrecision(4))) : value.toExponential(2);
}

/** The same of figures that stand together, a mean and its interval: all to as many places as the one that needs most. */
export function together(values: readonly number[]): string[] {
  const apart = values.map(small);
  if (apart.some((text) => text.includes("e"))) return apart;
  const places = Math.max(...apart.map((text) => text.split(".")[1]?.length ?? 0));
  return values.map((value) => value.toFixed(places));
}

/** A hash or a commit, as far as people compare them. */
export function short(hash: string): string {
  return hash.length > 8 ? `${hash.slice(0, 8)}…` : hash;
}

/** A day and a time, in English as the rest of the page; "" for a text that is no date. */
export function date(iso: string): string {
  const when = new Date(iso);
  if (Number.isNaN(when.getTime())) return "";
  return when.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
}

/** A text from anybody, for a message: never a page of it. */
export function quoted(text: string): string {
  return text === "" ? "nothing" : `"${beginning(text)}"`;
}

/** The same without quotes. */
export function beginning(text: string): string {
  // Not in the middle of a character: that would look damaged.
  const [most = ""] = /^.{0,80}/su.exec(text) ?? [];
  return visible(most) + (most.length < text.length ? "…" : "");
}
