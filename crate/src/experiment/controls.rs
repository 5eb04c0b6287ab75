use super::{Case, Edit, Experiment, LnScale, Replacement, Span};

const fn shown(condition: &'static str, description: &'static str, edit: Edit) -> Case {
    Case { condition, description, edit: Some(edit), control: false }
}

const fn projected_on(span: Span) -> Edit {
    Edit::query(Replacement::ProjectedOn(span)).at_end()
}

/// What "patching positions" has to be held against: the same edits with one thing about them changed.
pub const CONTROLS: Experiment = Experiment {
    name: "controls",
    title: "Controls",
    question: "Is it what was edited that made the difference, and not that something was?",
    probability: false,
    cases: &[
        Case { condition: "clean", description: "Nothing is changed.", edit: None, control: false },
        shown(
            "patched, frozen LN",
            "q_input at every position from the flipped run; ln1's scale stays the clean run's.",
            Edit::query(Replacement::Flipped).with_ln(LnScale::Frozen),
        ),
        shown(
            "patched, live LN",
            "The same with ln1's scale computed from the patched input.",
            Edit::query(Replacement::Flipped).with_ln(LnScale::Live),
        ),
        shown(
            "patched at END",
            "q_input from the flipped run at END alone. Only END's query is read, so this must be what patching every position is.",
            Edit::query(Replacement::Flipped).at_end(),
        ),
        shown(
            "patched k_input",
            "What the head's keys read, at every position, is taken from the flipped run, ln1's scale frozen: IO's key is then computed where the flipped prompt has its other name. Positions stay the original's.",
            Edit::key(Replacement::Flipped).with_ln(LnScale::Frozen),
        ),
        shown(
            "projected, frozen LN",
            "q_input at END projected onto span{W_U[IO], W_U[S]}; ln1's scale stays the clean run's.",
            projected_on(Span::IoAndS).with_ln(LnScale::Frozen),
        ),
        shown(
            "projected, live LN",
            "The same with ln1's scale computed from the projected input, which is shorter: LayerNorm brings it back to full length.",
            projected_on(Span::IoAndS).with_ln(LnScale::Live),
        ),
        shown(
            "projected on IO",
            "q_input at END projected onto the line of W_U[IO] alone.",
            projected_on(Span::Io),
        ),
        shown(
            "projected on S",
            "q_input at END projected onto the line of W_U[S] alone.",
            projected_on(Span::S),
        ),
        shown(
            "projected on random names",
            "q_input at END projected onto the span of the unembeddings of two random names that are not the prompt's, a pair for each prompt: what is left if any two names would do.",
            projected_on(Span::RandomNames),
        ),
        shown(
            "projected on random directions",
            "q_input at END projected onto the span of two random directions, a pair for each prompt: what is left if any plane would do.",
            projected_on(Span::RandomDirections),
        ),
        Case {
            condition: "no-op q_input",
            description: "q_input patched from the clean run itself, which must change nothing.",
            edit: Some(Edit::query(Replacement::Clean)),
            control: true,
        },
        Case {
            condition: "no-op k_input",
            description: "k_input patched from the clean run itself, which must change nothing.",
            edit: Some(Edit::key(Replacement::Clean)),
            control: true,
        },
    ],
};
