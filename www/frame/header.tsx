// What this is, the model in use and its device, and a link to all of it.

import { useSignal } from "@preact/signals";
import { DEVICE_CHOICES, type DeviceChoice } from "../door/protocol.ts";
import { shortName } from "../door/sources.ts";
import { newVersionWaits } from "../offline/keep-site.ts";
import { Models } from "../panels/models/index.tsx";
import { LastModel, ModelNotice } from "../panels/models/notice.tsx";
import { Share } from "../panels/share/index.tsx";
import { device, model, problems } from "../store/session.ts";
import { GpuComes } from "./gpu-comes.tsx";
import { LessonsButton } from "./lessons.tsx";
import "./header.css";

const DEVICES: Record<DeviceChoice, string> = {
  auto: "GPU if there is one",
  cpu: "CPU",
  webgpu: "GPU (WebGPU)",
};

export function Header() {
  const choosing = useSignal(false);
  return (
    <header class="page-head">
      <h1>Patchbay</h1>
      <p class="hint">GPT-2 in this tab, with its activations on a patch bay</p>
      <div class="to-lessons">
        <LessonsButton />
      </div>
      <div class="actions">
        <LastModel />
        <button type="button" aria-haspopup="dialog" onClick={() => (choosing.value = true)}>
          <span class="visually-hidden">Model: </span>
          {shortName(model.value)} <span aria-hidden="true">▾</span>
        </button>
        <select
          aria-label="Device"
          aria-invalid={problems.value.some(({ field }) => field === "device")}
          value={device.value}
          onChange={({ currentTarget }) => (device.value = currentTarget.value as DeviceChoice)}
        >
          {DEVICE_CHOICES.map((choice) => (
            <option value={choice} selected={choice === device.value}>
              {DEVICES[choice]}
            </option>
          ))}
        </select>
        <Share />
      </div>
      <ModelNotice />
      {GPU_COMES && <GpuComes />}
      <p class="hint update" role="status">
        {newVersionWaits.value &&
          "A new version of this page is ready. It is used once all tabs of this page are closed and it is opened again."}
      </p>
      <Models open={choosing.value} close={() => (choosing.value = false)} />
    </header>
  );
}
