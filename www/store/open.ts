// What the page opens with: the crate's schemas, the address's link or the opening settings, and a first result.

import { batch, effect } from "@preact/signals";
import { problemOf } from "../door/errors.ts";
import { MINI_ID } from "../door/sources.ts";
import { factsOf, setState, tell } from "./automation.ts";
import { checkWhileTyping } from "./check.ts";
import { keepSettings, keptSettings } from "./link/kept.ts";
import { apply, opening, openLink } from "./link/link.ts";
import { watchStored } from "./models/stored.ts";
import { watchPrompts } from "./prompts.ts";
import { fail, message, panel, panels, runNow } from "./run.ts";
import { restoreRuns } from "./runs/runs.ts";
import { arrivals, defaults, model, question, schemas, texts } from "./session.ts";
import { busy, current, lab } from "./tasks/queue.ts";

export async function open(): Promise<void> {
  const found = await needed(() => lab.schemas());
  batch(() => {
    schemas.value = found;
    texts.value = defaults.value;
  });
  watch();
  checkWhileTyping();
  followAddress();
  const kept = await keptSettings(panels.value, lab);
  // The address may name a question alone.
  if (kept !== null) apply(kept);
  keepSettings();
  await follow({ cold: true, usual: kept ?? opening() });
  // What was kept before must not keep the first result waiting.
  void restoreRuns();
  watchStored();
}

/** From now on: the first result takes its time, and the address may change in it. */
function followAddress(): void {
  window.addEventListener("popstate", ({ state }) => {
    if (state?.question !== undefined) question.value = state.question;
  });
  window.addEventListener("hashchange", () => {
    // On the way back or forward to a question that is in view by now.
    if (history.state?.question === undefined) void follow().catch(fail);
  });
}

/** Opens the address's link. The model that comes with the page costs no download, so its result is there unasked. */
async function follow({ cold = false, usual = opening() } = {}): Promise<void> {
  const found = await openLink(lab, usual);
  watchPrompts();
  if (typeof found === "string" && !cold) {
    // The link that was pressed may be gone with the question before; to a place on the page the browser goes itself.
    if (found === "same") arrivals.value += 1;
    return;
  }
  const problem = typeof found === "string" ? null : found;
  if (problem !== null) message.value = { problem, news: "" };
  // What is under way goes on, and says how it ends.
  if (busy.value) return;
  tell({ error: problem && { name: "BadLink", message: problem.message } });
  if (problem !== null) setState("error");
  else if (model.value === MINI_ID && panel.value?.task) await runNow({ own: true });
  else setState("ready");
}

/** Keeps what tools see in step with the page. */
function watch(): void {
  effect(() => {
    const step = current.value?.step.value;
    if (step?.phase === "load") tell({ load: step });
  });
  effect(() => {
    const answer = panel.value?.task?.answer.value ?? null;
    tell({ result: answer === null ? null : factsOf(answer), report: answer?.reply.report ?? null });
  });
  effect(() => {
    const state = (current.value ?? panel.value?.task)?.state.value ?? "idle";
    if (state !== "idle") setState(state === "waiting" ? "loading" : state);
  });
}

/** What the page cannot be opened without. */
async function needed<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      fail(error);
      setState("error");
      await new Promise<void>((again) => {
        message.value = { problem: { ...problemOf(error), again: true }, news: "", retry: again };
      });
      message.value = null;
    }
  }
}
