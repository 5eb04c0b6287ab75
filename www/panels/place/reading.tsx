// How an answer is read, and what it does not say: true of any model.

import { WithTerms } from "../../ui/floating/term.tsx";

export function Reading() {
  return (
    <details class="folded">
      <summary>How to read it, and what it does not say</summary>
      <div class="prose">
        <p>
          <strong>The task</strong> is indirect object identification (IOI). In “Then, Alex and Anthony had a
          lot of fun at the school. Anthony gave a ring to”, the next word is the indirect object IO, Alex.
          The subject Anthony occurs twice, first at S1 and again at S2. END is the last token before the
          answer.
        </p>
        <p>
          <strong>The score</strong> is{" "}
          <WithTerms text="the attention score before the softmax, q·k/√d_head: END→IO minus END→S1, as a mean over all prompts." />{" "}
          Above zero, END attends more to IO than to S1; below zero, more to S1. A change is told relative to
          the size of the clean score.
        </p>
        <p>
          <strong>Place or name.</strong> The default flip swaps the first two names: IO and S1 change places,
          and the answer stays the same. A head that looks for a place would now look at the wrong name; a
          head that looks for a name would not notice.
        </p>
        <p>
          <strong>What is kept.</strong> Keys do not change, except where a condition says so. The LayerNorm
          scale before the head is the clean run's (frozen), unless it is set to be computed anew (live) or
          the condition says otherwise.
        </p>
        <p>
          <strong>What it does not say.</strong> A score is what one head looks at, not what the model makes
          of it: a head can attend to IO and work against it. A mean can hide two kinds of prompts, so look at
          the points, and at ABBA and BABA apart. Intervals speak of more prompts of the same kind, not of
          other texts; and what holds for one model need not hold for another.
        </p>
      </div>
    </details>
  );
}
