use super::{Case, Edit, EditedPositions, Experiment, Replacement};

/// The notebook experiment "patching positions".
pub const PATCHING_POSITIONS: Experiment = Experiment {
    name: "patching_positions",
    title: "Patching positions",
    question: "Does the head find IO by its position in the sentence, or by its name?",
    cases: &[
        Case {
            condition: "clean",
            description: "nothing changed",
            edit: None,
            control: false,
        },
        Case {
            condition: "patched",
            description: "the head's queries read the residual stream of the flipped prompt, in which IO and S1 have changed places",
            edit: Some(Edit {
                positions: EditedPositions::All,
                replacement: Replacement::Flipped,
            }),
            control: false,
        },
        Case {
            condition: "projected",
            description: "at END the head's query reads only the part of the residual stream that lies in the span of the unembeddings of IO and S1",
            edit: Some(Edit {
                positions: EditedPositions::End,
                replacement: Replacement::ProjectedOnUnembeddings,
            }),
            control: false,
        },
        Case {
            condition: "no-op",
            description: "patched from the clean run itself, which must change nothing",
            edit: Some(Edit {
                positions: EditedPositions::All,
                replacement: Replacement::Clean,
            }),
            control: true,
        },
    ],
};
