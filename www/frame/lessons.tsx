// The way to the lessons, and the place of the one that is open. Their texts are fetched once somebody wants them.

import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { step } from "../lessons/guesses.ts";
import { fail } from "../store/run.ts";
import { Dialog } from "../ui/floating/dialog.tsx";

export function LessonsButton() {
  const open = useSignal(false);
  const Menu = useFetched(open.value, async () => (await import("../lessons/menu.tsx")).LessonMenu);
  return (
    <>
      <button type="button" aria-haspopup="dialog" onClick={() => (open.value = true)}>
        Lessons
      </button>
      <Dialog title="Lessons" open={open.value} close={() => (open.value = false)}>
        {Menu !== null && <Menu close={() => (open.value = false)} />}
      </Dialog>
    </>
  );
}

export function OpenLesson() {
  const isOpen = step.value !== "";
  const Panel = useFetched(isOpen, async () => (await import("../lessons/lesson-panel.tsx")).LessonPanel);
  return isOpen && Panel !== null ? <Panel /> : null;
}

/** In place of an answer that nobody has guessed at yet. */
export function Covered({ id }: { id: string }) {
  return (
    <main class="question whole">
      <section id={id} class="answer" tabIndex={-1} aria-label="The answer comes after the guess">
        <p class="message">The answer comes here once you have made a guess in the lesson.</p>
      </section>
    </main>
  );
}

function useFetched<P>(wanted: boolean, fetch: () => Promise<ComponentType<P>>): ComponentType<P> | null {
  const [found, setFound] = useState<{ part: ComponentType<P> } | null>(null);
  useEffect(() => {
    if (wanted && found === null) fetch().then((part) => setFound({ part }), fail);
  }, [wanted]);
  return found?.part ?? null;
}
