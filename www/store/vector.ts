// The vector of a file among the settings, which is a text as all of them are.

import type { FileVector } from "../../pkg/cpu/patchbay.js";

/** What the settings have; null for none and for one of the model's. */
export function vectorOf(text: string): FileVector | null {
  try {
    const vector: unknown = JSON.parse(text);
    return typeof vector === "object" && vector !== null && "numbers" in vector
      ? (vector as FileVector)
      : null;
  } catch {
    return null;
  }
}
