// @vitest-environment happy-dom
import { beforeAll, expect, it, vi } from "vitest";
import { open } from "./open.ts";
import { panels } from "./run.ts";
import * as session from "./session.ts";
import { lab } from "./tasks/queue.ts";
import { Task } from "./tasks/task.ts";
import { LAB, PANELS, SCHEMAS } from "./testing.ts";

const [PLACE, WHY] = PANELS;
const place = new Task({ name: "place", wants: () => ({ analysis: "experiment", texts: {} }) });
panels.value = [{ ...(PLACE as (typeof PANELS)[number]), task: place }, WHY as (typeof PANELS)[number]];

beforeAll(() => {
  vi.spyOn(lab, "schemas").mockResolvedValue(SCHEMAS);
  vi.spyOn(lab, "read").mockRejectedValue(new Error("no worker here"));
  vi.spyOn(lab, "headline").mockImplementation(LAB.headline);
  vi.spyOn(lab, "preview").mockResolvedValue({ sentences: [], n: 0 });
  vi.spyOn(lab, "stored").mockRejectedValue(new Error("no storage here"));
});

it("an address that changes while the first result is made is followed", async () => {
  const job = vi.spyOn(lab, "job").mockReturnValue(new Promise(() => undefined));
  void open();
  await vi.waitFor(() => expect(job).toHaveBeenCalled());
  expect(session.question.value).toBe("place");
  location.hash = "#question=why";
  await vi.waitFor(() => expect(session.question.value).toBe("why"));
});
