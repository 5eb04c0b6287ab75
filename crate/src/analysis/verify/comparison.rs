use serde_json::Value;

use super::{Compared, Worst};
use crate::published::{Furthest, Numbers};

/// A published figure, and how ours is found.
pub struct Comparison {
    pub name: String,
    pub published: Numbers,
    /// What is one of each axis.
    pub axes: Vec<Axis>,
    pub near: Near,
    /// As [`crate::job::plan`] takes it.
    pub question: Value,
    /// Ours, of the question's answer.
    pub ours: Ours,
}

/// What an answer says of a figure.
pub type Ours = Box<dyn Fn(&Value) -> Option<Value>>;

/// How near ours must be.
#[derive(Debug, Clone, Copy)]
pub enum Near {
    /// The figure is published with so many decimals.
    Rounded(i32),
    /// The figure is of other prompts than ours. The most that the means differ by.
    Roughly(f64),
}

impl Near {
    /// Sums of hundreds of products in float32 differ by this much between devices where logits are tens, with some room: their
    /// last bits are 1e-5. What is computed otherwise differs by whole cells, many of which are above 0.01 in any grid.
    const FLOAT32: f64 = 1e-3;

    fn tolerance(self) -> f64 {
        match self {
            Self::Rounded(decimals) => Self::FLOAT32 + 0.5 * 10_f64.powi(-decimals),
            Self::Roughly(tolerance) => tolerance,
        }
    }
}

pub enum Axis {
    /// Its places are numbers from 0.
    Numbered(&'static str),
    Labelled(Vec<String>),
}

impl Axis {
    fn place(&self, i: usize) -> String {
        match self {
            Self::Numbered(name) => format!("{name} {i}"),
            Self::Labelled(labels) => labels.get(i).cloned().unwrap_or_else(|| i.to_string()),
        }
    }
}

impl Comparison {
    /// `answer`: or why there is none.
    pub fn figure(&self, answer: Result<&Value, &str>) -> Compared {
        let figure = Compared {
            name: self.name.clone(),
            published: self.published.clone().into(),
            ours: None,
            numbers: self.published.count(),
            difference: None,
            worst: None,
            tolerance: self.near.tolerance(),
            approximate: matches!(self.near, Near::Roughly(_)),
            within: false,
            problem: None,
        };
        let ours = answer.map_err(str::to_owned).map(|answer| (self.ours)(answer).unwrap_or_default());
        match ours.and_then(|ours| Ok((self.furthest(&ours)?, ours))) {
            Ok((Furthest { numbers: [published, own], difference, at }, ours)) => {
                let places: Vec<String> = self.axes.iter().zip(at).map(|(axis, i)| axis.place(i)).collect();
                let at = (!places.is_empty()).then(|| places.join(", "));
                Compared {
                    ours: Some(ours),
                    difference: Some(difference),
                    worst: Some(Worst { published, ours: own, at }),
                    within: difference <= figure.tolerance,
                    ..figure
                }
            }
            Err(problem) => Compared { problem: Some(problem), ..figure },
        }
    }

    fn furthest(&self, ours: &Value) -> Result<Furthest, String> {
        self.published.furthest(&ours.clone().try_into()?)
    }
}
