// Which model an answer is of: by the hashes of all that was read of it. The same weights with another number of heads, or
// with other tokens, are another model.

import type { ModelOrigin } from "../../door/protocol.ts";

/** Links of version 0.1 know of the weights alone. */
export type Identity = Pick<ModelOrigin, "sha256"> &
  Partial<Pick<ModelOrigin, "config_sha256" | "tokenizer_sha256">>;

/** In the order of their weight. */
const PARTS = [
  ["sha256", "weights"],
  ["config_sha256", "configuration"],
  ["tokenizer_sha256", "tokenizer"],
] as const satisfies readonly (readonly [keyof Identity, string])[];

/** What is not the same about two models, as far as both are known: nothing where they are one. */
export function differences(
  one: Identity,
  other: Identity,
): { part: (typeof PARTS)[number][1]; one: string; other: string }[] {
  return PARTS.flatMap(([key, part]) => {
    const [ours, theirs] = [one[key], other[key]];
    return ours === undefined || theirs === undefined || ours === theirs
      ? []
      : [{ part, one: ours, other: theirs }];
  });
}

/** Each hash that is known, with the name of what it is of. */
export function hashes(of: Identity): { part: string; sha256: string }[] {
  return PARTS.flatMap(([key, part]) => {
    const sha256 = of[key];
    return sha256 === undefined ? [] : [{ part, sha256 }];
  });
}

/** The same for the same model only. */
export function identityKey(of: Identity): string {
  return JSON.stringify(PARTS.map(([key]) => of[key] ?? null));
}
