use super::{Case, Edit, Experiment, LnScale, Replacement, Span};

const fn projected_on(span: Span) -> Edit {
    Edit::query(Replacement::ProjectedOn(span)).at_end()
}

/// What "patching positions" has to be held against: the same edits with one thing about them changed.
pub const CONTROLS: Experiment = Experiment {
    name: "controls",
    title: "Controls",
    question: "Is it what was edited that made the difference, and not that something was?",
    reading: "Each condition differs from another in one respect. Where a projection on random names or directions takes away as much as one on IO and S, it was not the two names that mattered. Where frozen and live LN are far apart, the size of the edited input is at work, not its direction alone. “patched at END” must be what “patched, frozen LN” or “patched, live LN” is, as ln1's scale is set to be frozen or live, and the no-op controls exactly 0: else do not trust the rest.",
    probability: false,
    cases: &[
        Case::CLEAN,
        Case::shown(
            "patched, frozen LN",
            "q_input at every position from the flipped run; ln1's scale stays the clean run's.",
            Edit::query(Replacement::Flipped).with_ln(LnScale::Frozen),
        )
        .said("With q_input from the flipped sentence"),
        Case::shown(
            "patched, live LN",
            "The same with ln1's scale computed from the patched input.",
            Edit::query(Replacement::Flipped).with_ln(LnScale::Live),
        )
        .said("With q_input from the flipped sentence"),
        Case::shown(
            "patched at END",
            "q_input from the flipped run at END alone. Only END's query is read, so this must be what patching every position is.",
            Edit::query(Replacement::Flipped).at_end(),
        ),
        Case::shown(
            "patched k_input",
            "What the head's keys read, at every position, is taken from the flipped run, ln1's scale frozen: IO's key is then computed where the flipped prompt has its other name. Positions stay the original's.",
            Edit::key(Replacement::Flipped).with_ln(LnScale::Frozen),
        ),
        Case::shown(
            "projected, frozen LN",
            "q_input at END projected onto span{W_U[IO], W_U[S]}; ln1's scale stays the clean run's.",
            projected_on(Span::IoAndS).with_ln(LnScale::Frozen),
        )
        .said("If what END reads is projected on W_U[IO] and W_U[S]"),
        Case::shown(
            "projected, live LN",
            "The same with ln1's scale computed from the projected input, which is shorter: LayerNorm brings it back to full length.",
            projected_on(Span::IoAndS).with_ln(LnScale::Live),
        )
        .said("If what END reads is projected on W_U[IO] and W_U[S]"),
        Case::shown(
            "projected on IO",
            "q_input at END projected onto the line of W_U[IO] alone.",
            projected_on(Span::Io),
        ),
        Case::shown(
            "projected on S",
            "q_input at END projected onto the line of W_U[S] alone.",
            projected_on(Span::S),
        ),
        Case::shown(
            "projected on random names",
            "q_input at END projected onto the span of the unembeddings of two random names that are not the prompt's, a pair for each prompt: what is left if any two names would do.",
            projected_on(Span::RandomNames),
        )
        .said("on two random names"),
        Case::shown(
            "projected on random directions",
            "q_input at END projected onto the span of two random directions, a pair for each prompt: what is left if any plane would do.",
            projected_on(Span::RandomDirections),
        )
        .said("on two random directions"),
        Case::control(
            "no-op q_input",
            "q_input patched from the clean run itself, which must change nothing.",
            Edit::query(Replacement::Clean),
        ),
        Case::control(
            "no-op k_input",
            "k_input patched from the clean run itself, which must change nothing.",
            Edit::key(Replacement::Clean),
        ),
    ],
};
