// A site that `npm start` serves before the GPU's program is built: whether that is there by now. In every other site
// GPU_COMES is false, and nothing of this is left.

declare global {
  /** Vite puts it here. */
  const GPU_COMES: boolean;
}

/** What scripts/build/gpu-comes.mjs writes beside where the program will be. */
export type GpuProgram = "being built" | "built" | "failed";

/** From assets/, where the scripts of the page and of its worker are. */
const STATE = "../gpu/state.txt";
const LOOK_MS = 3000;

/** Tells of each change until the program is there or will not be; of one that is there at the first look, nothing. */
export async function watchForGpuProgram(tell: (now: GpuProgram) => void): Promise<void> {
  for (let told: GpuProgram | null = null; ; ) {
    // While `npm start` is stopped, nothing is known.
    const now = await look().catch(() => null);
    if (now === "built" && told === null) return;
    if (now !== null && now !== told) tell(now);
    if (now === "built" || now === "failed") return;
    told = now ?? told;
    await new Promise((next) => setTimeout(next, LOOK_MS));
  }
}

/** Before it is imported: a browser remembers that a module was not there. */
export async function throwUntilBuilt(): Promise<void> {
  const now = await look();
  if (now !== "built")
    throw new Error(now === "failed" ? "it could not be built" : "it is still being built");
}

async function look(): Promise<GpuProgram> {
  const answer = await fetch(new URL(STATE, import.meta.url), { cache: "no-store" });
  return (await answer.text()) as GpuProgram;
}
