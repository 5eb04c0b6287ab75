// The lessons that there are, to choose one.

import { useEffect, useState } from "preact/hooks";
import { fail } from "../store/run.ts";
import { model } from "../store/session.ts";
import { guesses } from "./guesses.ts";
import { type Lesson, lessonModel, stepLink, TEXTS } from "./lesson.ts";
import { LESSONS, type LessonName } from "./names.ts";
import "./lesson.css";

export function LessonMenu({ close }: { close: () => void }) {
  const [all, setAll] = useState<readonly (readonly [LessonName, Lesson])[]>([]);
  useEffect(() => {
    const names = Object.keys(LESSONS) as LessonName[];
    Promise.all(names.map(async (name) => [name, await TEXTS[name]()] as const)).then(setAll, fail);
  }, []);
  const begin = async (name: LessonName, lesson: Lesson, step: number) => {
    close();
    location.hash = await stepLink(name, lesson, step, lessonModel(model.value));
  };
  return (
    <div class="lesson-menu">
      <p class="hint">
        Each step asks for a guess, then shows the page's own answer beside what was published of GPT-2 small.
        They work with the toy model that comes with the page, without a network.
      </p>
      {all.map(([name, lesson]) => {
        const done = Object.keys(guesses.value).filter((step) => step.startsWith(`${name}.`)).length;
        // The first step that nothing has been guessed at.
        const next = lesson.steps.findIndex((_, i) => guesses.value[`${name}.${i + 1}`] === undefined) + 1;
        return (
          <section key={name}>
            <h3>{lesson.title}</h3>
            <p>{lesson.about}</p>
            <div class="actions">
              <Go
                what={done === 0 ? "Begin" : "From the beginning"}
                lesson={lesson}
                go={() => begin(name, lesson, 1)}
              />
              {done > 0 && next > 1 && (
                <Go what={`Go on at step ${next}`} lesson={lesson} go={() => begin(name, lesson, next)} />
              )}
            </div>
          </section>
        );
      })}
    </div>
  );
}

interface GoProps {
  what: string;
  lesson: Lesson;
  go: () => Promise<void>;
}

function Go({ what, lesson: { title }, go }: GoProps) {
  return (
    <button type="button" aria-label={`${what}: ${title}`} onClick={() => void go()}>
      {what}
    </button>
  );
}
