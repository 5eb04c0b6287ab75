//! A task in words: on what something was measured, as reports and names of files say it.

use super::{GreaterThanTask, InductionTask, PromptForm, TaskSpec};
use crate::report::words::{counted, few_for_intervals};

impl TaskSpec {
    /// "IOI, 150 prompts, seed 42, mixed"; "induction, 150 prompts of 30 tokens twice, seed 42"; "8 own pairs".
    pub(crate) fn about(&self) -> String {
        let of = |n: u32| counted(n as usize, "prompt");
        let said = match self {
            Self::Ioi(task) => return task.dataset.about(),
            Self::Induction(InductionTask { n, seed, length, .. }) => {
                format!("induction, {} of {length} tokens twice, seed {seed}", of(*n))
            }
            Self::GreaterThan(GreaterThanTask { n, seed, .. }) => {
                format!("greater than, {}, seed {seed}", of(*n))
            }
            Self::Pairs(task) => counted(task.prompts.len(), "own pair"),
        };
        if self.prepend_bos() { said } else { said + ", no BOS" }
    }

    /// The same with how its prompts were corrupted, which counts where the corrupted run is read.
    pub(crate) fn about_corrupted(&self) -> String {
        match self {
            Self::Ioi(task) => format!("{} · corrupted by {}", self.about(), task.corruption.0),
            _ => self.about(),
        }
    }

    /// The same, with which of an example's two runs it is.
    pub(crate) fn about_run(&self, run: PromptForm) -> String {
        match run {
            PromptForm::Clean => self.about(),
            PromptForm::Corrupted => format!("corrupted run · {}", self.about_corrupted()),
        }
    }

    /// "n150-seed42", "induction-n150-seed42", "pairs8".
    pub(crate) fn stem(&self) -> String {
        match self {
            Self::Ioi(task) => task.dataset.stem(),
            Self::Induction(task) => format!("induction-n{}-seed{}", task.n, task.seed),
            Self::GreaterThan(task) => format!("greater-than-n{}-seed{}", task.n, task.seed),
            Self::Pairs(task) => format!("pairs{}", task.prompts.len()),
        }
    }

    /// What has to be known of the number of prompts: that they are few, or that intervals need more.
    pub(crate) fn notes(&self, prompts: usize) -> Vec<String> {
        few_for_intervals(prompts, &self.together()).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::{IoiTask, PairsTask};

    #[test]
    fn a_task_says_what_it_takes_to_know_its_prompts() {
        let ioi = TaskSpec::Ioi(IoiTask::default());
        let rule = "ABB -> ABA, BAB -> BAA";
        assert_eq!(ioi.about(), "IOI, 150 prompts, seed 42, mixed, symmetric");
        assert_eq!(ioi.about_run(PromptForm::Clean), ioi.about());
        assert_eq!(
            ioi.about_run(PromptForm::Corrupted),
            format!("corrupted run · IOI, 150 prompts, seed 42, mixed, symmetric · corrupted by {rule}")
        );
        assert_eq!(ioi.stem(), "n150-seed42");
        let induction =
            TaskSpec::Induction(InductionTask { n: 1, prepend_bos: false, ..InductionTask::default() });
        assert_eq!(induction.about(), "induction, 1 prompt of 30 tokens twice, seed 42, no BOS");
        assert_eq!(induction.stem(), "induction-n1-seed42");
        let greater = TaskSpec::GreaterThan(GreaterThanTask::default());
        assert_eq!(
            [greater.about(), greater.stem()],
            ["greater than, 150 prompts, seed 42", "greater-than-n150-seed42"]
        );
        let pairs: PairsTask = serde_json::from_value(serde_json::json!({
            "prompts": [{"clean": "a", "corrupt": "b", "answers": ["c"], "wrong_answers": ["d"]}],
            "prepend_bos": true,
        }))
        .unwrap();
        let pairs = TaskSpec::Pairs(pairs);
        assert_eq!([pairs.about(), pairs.stem()], ["1 own pair", "pairs1"]);
    }

    #[test]
    fn few_prompts_are_said_to_be_few_and_one_has_no_interval() {
        let ioi = TaskSpec::Ioi(IoiTask::default());
        // Pairs count once.
        assert!(ioi.notes(40).is_empty());
        assert!(ioi.notes(38)[0].starts_with("These are few prompts: 38 in 19 pairs"));
        let one = "These are few prompts: 2 in 1 pair, each of which counts once. What so few show may be due to which they are. One pair of prompts has no confidence interval: give more prompts.";
        assert_eq!(ioi.notes(2), [one]);
    }
}
