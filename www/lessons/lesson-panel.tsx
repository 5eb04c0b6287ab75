// The lesson beside the page: what the step is about, a guess, and after it what the page answers, what others have published,
// and what to try. The page itself stays as it is, and can be used.

import { useEffect, useRef, useState } from "preact/hooks";
import { HUB_ID, MINI_ID, shortName } from "../door/sources.ts";
import { fail } from "../store/run.ts";
import { model, setText } from "../store/session.ts";
import { copyText } from "../ui/clipboard.ts";
import { Toolbar } from "../ui/toolbar.tsx";
import { GuessForm } from "./guess-form.tsx";
import { guess, guesses, step } from "./guesses.ts";
import { filled, type Lesson, lessonModel, stepLink, TEXTS, wordsOf } from "./lesson.ts";
import { LESSON, type StepName, stepOf } from "./names.ts";
import { Revealed, reveal } from "./revealed.tsx";
import "./lesson.css";

export function LessonPanel() {
  const here = stepOf(step.value);
  const [lesson, setLesson] = useState<{ of: string; texts: Lesson } | null>(null);
  const name = here?.lesson;
  useEffect(() => {
    if (name !== undefined) TEXTS[name]().then((texts) => setLesson({ of: name, texts }), fail);
  }, [name]);
  return here === null || lesson?.of !== here.lesson ? null : <Step {...here} texts={lesson.texts} />;
}

function Step({ lesson: name, step: number, texts: lesson }: StepName & { texts: Lesson }) {
  const [said, setSaid] = useState("");
  const heading = useRef<HTMLHeadingElement>(null);
  const key = `${name}.${number}`;
  const shown = useRef("");
  useEffect(() => {
    setSaid("");
    // A step that was gone to comes into view; the one that a link or a reload opens with does not move the page.
    heading.current?.focus({ preventScroll: shown.current === "" });
    shown.current = key;
  }, [key]);
  const own = lesson.steps[number - 1];
  if (own === undefined) return null;
  const of = lessonModel(model.value);
  const words = wordsOf(lesson, of);
  const guessed = guesses.value[key];
  const last = lesson.steps.length;
  const link = (step: number, on = of) => stepLink(name, lesson, step, on);
  const go = async (step: number, on = of) => {
    location.hash = await link(step, on);
  };
  const copy = async () => {
    const address = link(number).then((hash) => new URL(hash, location.href).href);
    await copyText(address).then(
      () => setSaid("Link to this step copied."),
      async () => setSaid(`The clipboard is not available. The link is: ${await address}`),
    );
  };
  return (
    <aside class="lesson" aria-label={`Lesson: ${lesson.title}`}>
      <p class="hint">
        {lesson.title} · {number} of {last}
      </p>
      <progress aria-label="Steps of the lesson" max={last} value={number} />
      <Toolbar label="Steps of the lesson">
        <button type="button" aria-disabled={number === 1} onClick={() => number > 1 && void go(number - 1)}>
          Back
        </button>
        <button
          type="button"
          aria-disabled={number === last}
          onClick={() => number < last && void go(number + 1)}
        >
          Next
        </button>
        <button type="button" onClick={() => void copy()}>
          Copy its link
        </button>
        <button type="button" onClick={() => setText(LESSON, "")}>
          Close
        </button>
      </Toolbar>
      <p class="hint" role="status">
        {said}
      </p>
      <h2 tabIndex={-1} ref={heading}>
        {own.title}
      </h2>
      {own.text.map((text) => (
        <p key={text}>{filled(text, words)}</p>
      ))}
      {guessed === undefined ? (
        <GuessForm
          key={key}
          question={filled(own.question, words)}
          guess={own.guess}
          made={(words) => {
            guess(key, words);
            heading.current?.focus({ preventScroll: true });
            void reveal(own);
          }}
        />
      ) : (
        <Revealed
          step={own}
          question={filled(own.question, words)}
          words={words}
          guessed={guessed}
          again={() => guess(key, null)}
        />
      )}
      {guessed !== undefined && number < last && (
        <div class="actions">
          <button type="button" class="primary" onClick={() => void go(number + 1)}>
            Next: {lesson.steps[number]?.title}
          </button>
        </div>
      )}
      <p class="hint">
        This is {shortName(of)}
        {of === MINI_ID ? ", the toy that comes with the page. " : ". "}
        <button type="button" class="link" onClick={() => void go(number, of === MINI_ID ? HUB_ID : MINI_ID)}>
          {of === MINI_ID ? "Do it with GPT-2 small (548 MB, fetched once)" : "Do it with the toy"}
        </button>
      </p>
    </aside>
  );
}
