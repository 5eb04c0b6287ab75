// A finished answer as files and tools have it.

import type { PageFacts } from "./automation.ts";
import type { Answer } from "./task.ts";

export function factsOf<T>({ asked, reply }: Answer<T>): T & PageFacts {
  const { result, device, note, origin, timings_ms } = reply;
  return {
    model: asked.model,
    device: device.device,
    ...result,
    device_info: { ...device, note },
    origin,
    timings_ms,
  };
}
