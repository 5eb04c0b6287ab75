// What stays in view wherever one is: Run, how far it is, Cancel, and how the last run ended.

import { useEffect, useRef } from "preact/hooks";
import { CANCELLED } from "../door/errors.ts";
import { worded } from "../schema/form.tsx";
import { ANCHORS } from "../store/link/link.ts";
import { message, runNow } from "../store/run.ts";
import { current } from "../store/tasks/queue.ts";
import type { Task } from "../store/tasks/task.ts";
import { duration } from "../text/format.ts";
import { useSaid } from "../ui/said.ts";
import { Progress } from "./progress.tsx";
import "./run-bar.css";

const NOTHING = "There is nothing to run in this question.";

/** Of the question in view. */
interface RunBarProps {
  task: Task | null;
  hasSettings: boolean;
}

export function RunBar({ task, hasSettings }: RunBarProps) {
  const under = current.value;
  const run = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const onEscape = (event: KeyboardEvent) => event.key === "Escape" && current.value?.cancel();
    document.addEventListener("keydown", onEscape);
    return () => document.removeEventListener("keydown", onEscape);
  }, []);
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // How high it is depends on what it says.
    const observer = new ResizeObserver(() => {
      document.documentElement.style.setProperty("--run-bar", `${bar.current?.offsetHeight ?? 0}px`);
    });
    if (bar.current !== null) observer.observe(bar.current);
    return () => observer.disconnect();
  }, []);
  const cancel = () => {
    under?.cancel();
    // A button that goes away would take the keyboard with it.
    run.current?.focus();
  };
  return (
    <div class="run-bar" ref={bar}>
      <Message />
      <div class="run-line">
        <button
          type="button"
          class="primary"
          ref={run}
          // Not `disabled`: it would lose the keyboard, and with it Esc.
          aria-disabled={task === null}
          title={task === null ? NOTHING : "Enter in a field runs, Esc cancels"}
          onClick={() => task !== null && void runNow()}
        >
          Run
        </button>
        {under !== null && (
          <button type="button" onClick={cancel}>
            Cancel
          </button>
        )}
        {under === null ? <Last task={task} /> : <Progress task={under} />}
        {hasSettings && (
          <a class="to-settings" href={`#${ANCHORS.settings}`}>
            Settings
          </a>
        )}
      </div>
    </div>
  );
}

/** Where and how fast the last answer was made. */
function Last({ task }: { task: Task | null }) {
  const answer = task?.answer.value ?? null;
  const said =
    answer === null
      ? task === null
        ? NOTHING
        : ""
      : `Done in ${duration(answer.reply.timings_ms.run)} on the ${answer.reply.device.device === "gpu" ? "GPU" : "CPU"}${answer.reply.device.self_check ? ", checked against the CPU" : ""}.`;
  return (
    <p class="hint" role="status">
      {task?.stale.value ? "The settings have changed since this result. " : ""}
      {said}
    </p>
  );
}

/** The one place for errors: what was expected, what was found, what to do. */
function Message() {
  const now = message.value;
  useSaid(now?.problem?.message ?? "", "run");
  if (now === null) return null;
  const { problem, news, retry = () => void runNow() } = now;
  if (problem === null)
    return (
      <p class="message" role="status">
        {news}
      </p>
    );
  const { name, message: text, field, problems, reload, restart, again } = problem;
  return (
    <div class={name === CANCELLED ? "message" : "message bad"} role="alert">
      {problems.length > 1 ? (
        <>
          <p>{text}</p>
          <ul>
            {problems.map(({ field, message }) => (
              <li>{worded({ field, message })}.</li>
            ))}
          </ul>
        </>
      ) : (
        <p>{worded({ field, message: text })}</p>
      )}
      <div class="actions">
        {reload && (
          <button type="button" onClick={() => location.reload()}>
            Reload the page
          </button>
        )}
        {(again || restart || reload) && (
          <button type="button" onClick={retry}>
            {again ? "Fetch again" : "Run again"}
          </button>
        )}
      </div>
    </div>
  );
}
