import type { Problem } from "../door/errors.ts";
import type { Lab } from "../door/lab.ts";
export async function openLink(_lab: Lab): Promise<Problem | "same" | null> {
  return null;
}
