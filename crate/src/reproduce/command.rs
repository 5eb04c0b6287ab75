//! A run as the native command asks for it.

use super::{Answer, FOLDER, Finished, bare};
use crate::experiment::ExperimentSpec;
use crate::hub::gpt2_small;

impl Finished {
    /// For a POSIX shell. Prompts of one's own are read from the file that is among the run's.
    pub(super) fn command(&self) -> String {
        let Answer { head: [layer, head], spec, accuracy, .. } = &self.record.result;
        let ExperimentSpec { experiment, dataset, flip, freeze_ln, name_mover, .. } = spec;
        let usual = ExperimentSpec::default();
        let mut words = vec!["patchbay run".to_owned()];
        let mut set = |option: &str, value: &str| words.push(format!("{option} {}", quoted(value)));
        set("--model", &self.model());
        if *experiment != usual.experiment {
            set("--experiment", experiment);
        }
        set("--layer", &layer.to_string());
        set("--head", &head.to_string());
        if let Some([layer, head]) = name_mover {
            set("--name-mover", &format!("{layer}.{head}"));
        }
        if dataset.prompts.is_some() {
            set("--prompts", &self.prompts_file());
        } else {
            set("-n", &dataset.n.to_string());
            if dataset.prompt_type != usual.dataset.prompt_type {
                set("--prompt-type", dataset.prompt_type.name());
            }
        }
        set("--seed", &dataset.seed.to_string());
        if *flip != usual.flip {
            set("--flip", flip);
        }
        let flags = [
            ("--no-symmetric", dataset.prompts.is_none() && !dataset.symmetric),
            ("--no-bos", !dataset.prepend_bos),
            ("--live-ln", !freeze_ln),
            ("--accuracy", accuracy.is_some()),
        ];
        words.extend(flags.into_iter().filter(|(_, is_set)| *is_set).map(|(flag, _)| flag.to_owned()));
        words.join(" ")
    }

    pub(super) fn about_command(&self) -> String {
        let own = self.record.result.spec.dataset.prompts.is_some();
        let own = if own { ", of these prompts from a file" } else { "" };
        let folder = if self.record.id == FOLDER { " FOLDER is the one with the model's files." } else { "" };
        format!("The native command prints the same table{own}.{folder}")
    }

    fn model(&self) -> String {
        let hub = gpt2_small();
        match &self.record.id {
            id if *id == hub.id => format!("{id}@{}", hub.revision),
            id if id == FOLDER => "FOLDER".into(),
            id => bare(id).into(),
        }
    }
}

/// A text as one word of the shell, whatever is in it.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.into()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_value_is_one_word_whatever_is_in_it() {
        assert_eq!(quoted("https://a.example/b"), "https://a.example/b");
        assert_eq!(quoted("it's"), "'it'\\''s'");
        for text in ["$(rm -rf ~)", "a b", "`x`", "a;b", "", "ß\u{202e}"] {
            assert_eq!(quoted(text), format!("'{text}'"));
        }
    }
}
