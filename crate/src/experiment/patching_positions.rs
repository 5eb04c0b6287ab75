use super::{Case, Edit, Experiment, Replacement, Span};

/// The notebook experiment "patching positions".
pub const PATCHING_POSITIONS: Experiment = Experiment {
    name: "patching_positions",
    title: "Patching positions",
    question: "Does the head find IO by its position in the sentence, or by its name?",
    probability: false,
    cases: &[
        Case { condition: "clean", description: "Nothing is changed.", edit: None, control: false },
        Case {
            condition: "patched",
            description: "The head's q_input, the residual stream that its queries are computed from, is taken from a run on the flipped prompts. The default flip swaps the first two names: IO and S1 change places, the answer stays the same. A head that looks for a place would now look at the wrong name; a head that looks for a name would not notice.",
            edit: Some(Edit::query(Replacement::Flipped)),
            control: false,
        },
        Case {
            condition: "projected",
            description: "q_input at END is replaced by its projection onto the span of the unembeddings W_U[IO] and W_U[S]: only what END already says about predicting either name is left.",
            edit: Some(Edit::query(Replacement::ProjectedOn(Span::IoAndS)).at_end()),
            control: false,
        },
        Case {
            condition: "no-op",
            description: "Patched from the clean run itself, which must change nothing.",
            edit: Some(Edit::query(Replacement::Clean)),
            control: true,
        },
    ],
};
