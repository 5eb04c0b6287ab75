//! What an edit leaves of the clean run's preference, in words.

use super::Found;
use super::answer::names;
use crate::report::words::{number, percent};

/// What an edit leaves of the clean preference.
pub enum Left {
    /// The edit changed nothing that the head reads.
    Untouched,
    /// No change that the prompts can tell from none, while the preference is certain.
    Same,
    /// In percent.
    Share(f64),
    /// Nothing that the prompts can tell from nothing.
    Nothing,
    /// The other name is preferred.
    Turned { to: &'static str, by: f64 },
    /// Neither a change nor a preference is certain.
    Unclear,
    /// There are no intervals, so that nothing is certain: the mean.
    Mean(f64),
}

impl Left {
    pub fn of(found: &Found, condition: usize) -> Self {
        let [clean, own] = [0, condition].map(|condition| found.mean(0, condition));
        let change = found.difference(0, condition, 0);
        if found.is_untouched(condition) {
            return Self::Untouched;
        }
        let Some(share) = found.share(0, condition) else {
            return Self::Mean(own.value);
        };
        let [to, _] = names(own.value);
        match (own.is_not_0(), change.is_not_0()) {
            (false, false) => Self::Unclear,
            (false, true) => Self::Nothing,
            (true, _) if names(clean.value) != names(own.value) => Self::Turned { to, by: own.value.abs() },
            (true, false) => Self::Same,
            (true, true) => Self::Share(share.value),
        }
    }

    pub fn words(&self) -> String {
        match *self {
            Self::Untouched => "nothing changes, since what the head reads is the same there".into(),
            Self::Same => "no change can be measured".into(),
            Self::Share(left) if left > 100.0 => format!("it grows to {}", percent(left)),
            Self::Share(left) => format!("{} is left", percent(left)),
            Self::Nothing => "nothing measurable is left".into(),
            Self::Turned { to, by } => format!("it turns to {to}, by {}", number(by)),
            Self::Unclear => "it is not clear what is left".into(),
            Self::Mean(mean) => format!("it is {}", number(mean)),
        }
    }

    /// What follows where the edit had IO and S1 change places, of the name that the clean run prefers. A head that finds it by
    /// its place would turn as far as it preferred, one that finds it by name would not change: which of the two weighs more
    /// is the sign of what is left.
    pub fn verdict(&self, preferred: &str) -> String {
        match self {
            Self::Untouched => ": this does not tell place from name".into(),
            Self::Same | Self::Share(_) => format!(": it finds {preferred} by name more than by place"),
            Self::Turned { .. } => format!(": it finds {preferred} by place more than by name"),
            Self::Nothing => ": place and name weigh about the same".into(),
            Self::Unclear | Self::Mean(_) => String::new(),
        }
    }
}

impl Found<'_> {
    /// Whether a condition's edit changed no prompt.
    fn is_untouched(&self, condition: usize) -> bool {
        let of = self.cases[condition].condition;
        self.result.evidence.edits.iter().any(|(name, edit)| *name == of && edit.prompts_touched == 0)
    }
}
