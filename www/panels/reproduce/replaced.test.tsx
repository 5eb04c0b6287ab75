// @vitest-environment happy-dom
import { cleanup, render, screen } from "@testing-library/preact";
import { afterEach, expect, it, vi } from "vitest";
import { MINI_ID } from "../../door/sources.ts";
import { files } from "../../public/models/ioi-mini/card.json";
import { promised } from "../../store/link/link.ts";
import { model, schemas, textsOf } from "../../store/session.ts";
import { lab } from "../../store/tasks/queue.ts";
import { SCHEMAS } from "../../store/testing.ts";
import { experiment } from "../place/tasks.ts";
import { Verdict } from "../verdict.tsx";
import { COMPARISON, runOf } from "./testing.ts";

afterEach(cleanup);

it.each([
  ["5c".repeat(32), true],
  [files["model.safetensors"].sha256, false],
])(
  "a link to the page's own model says whether that has been replaced (weights %s)",
  async (sha256, replaced) => {
    schemas.value = SCHEMAS;
    model.value = MINI_ID;
    const texts = textsOf("experiment");
    experiment.answer.value = runOf({ texts, model: MINI_ID });
    promised.value = { texts, model: MINI_ID, headline: { sha256 } };
    vi.spyOn(lab, "compareHeadline")
      .mockReset()
      .mockResolvedValue({ ...COMPARISON, verdict: "It differs." });
    render(<Verdict />);
    await screen.findByText(/It differs\./);
    const said = screen.queryByText(/The page's own model has been replaced since the link was made\./);
    expect(said !== null).toBe(replaced);
  },
);
