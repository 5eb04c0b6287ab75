use super::{Case, Edit, Experiment, Replacement, Span};

/// The notebook experiment "patching positions", and a projection to hold its own against.
pub const PATCHING_POSITIONS: Experiment = Experiment {
    name: "patching_positions",
    title: "Patching positions",
    question: "Does the head find IO by its position in the sentence, or by its name?",
    reading: "If patching positions leaves the difference as it was, the head finds IO by name and not by place; if projecting leaves it, what the head reads is the prediction itself. What projecting on random directions leaves says what any plane would leave.",
    probability: false,
    cases: &[
        Case::CLEAN,
        Case::shown(
            "patched",
            "The head's q_input, the residual stream that its queries are computed from, is taken from a run on the flipped prompts. The default flip swaps the first two names: IO and S1 change places, the answer stays the same. A head that looks for a place would now look at the wrong name; a head that looks for a name would not notice.",
            Edit::query(Replacement::Flipped),
        )
        .said("With q_input from the flipped sentence"),
        Case::shown(
            "projected",
            "q_input at END is replaced by its projection onto the span of the unembeddings W_U[IO] and W_U[S]: only what END already says about predicting either name is left.",
            Edit::query(Replacement::ProjectedOn(Span::IoAndS)).at_end(),
        )
        .said("If what END reads is projected on W_U[IO] and W_U[S]"),
        Case::shown(
            "projected on random directions",
            "q_input at END is replaced by its projection onto the span of two random directions, a pair for each prompt: what is left if any plane would do.",
            Edit::query(Replacement::ProjectedOn(Span::RandomDirections)).at_end(),
        )
        .said("on two random directions"),
        Case::control(
            "no-op",
            "Patched from the clean run itself, which must change nothing.",
            Edit::query(Replacement::Clean),
        ),
    ],
};
