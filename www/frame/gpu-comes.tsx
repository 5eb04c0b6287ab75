// That the GPU's program is still being built, and how that ended.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type GpuProgram, watchForGpuProgram } from "../offline/gpu-comes.ts";

const SAID: Record<GpuProgram, string> = {
  "being built": "The GPU's program is still being built. Until it is there, runs take the CPU.",
  built: "The GPU's program is there: the next run can take a GPU.",
  failed: "The GPU's program could not be built, so runs take the CPU. The terminal of npm start says why.",
};

export function GpuComes() {
  const said = useSignal("");
  useEffect(
    () =>
      void watchForGpuProgram((now) => {
        said.value = SAID[now];
      }),
    [],
  );
  return (
    <p class="hint update" role="status">
      {said}
    </p>
  );
}
