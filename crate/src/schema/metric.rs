//! What runs are judged by: a metric, and beside it the head whose attention score it may be.

use super::experiment::layer_and_head;
use super::reading::Reading;
use super::{Choice, Field, Kind};
use crate::metric::Metric;

/// The value that takes a head beside it.
const SCORE: &str = "attn_score_diff";

const METRICS: [Choice; 6] = [
    Choice::new("logit_diff", "logit difference", "The answers' mean logit minus that of the wrong answers."),
    Choice::new("prob", "probability", "Of the answers, together."),
    Choice::new("log_prob", "log probability", "Of the answers, together."),
    Choice::new("prob_diff", "probability difference", "Of the answers minus that of the wrong answers."),
    Choice::new("kl", "KL divergence", "How far all predictions are from the unedited run's."),
    Choice::new(SCORE, "a head's attention score", "From END to IO minus to S1, of the head named below."),
];

/// The metric's field and the head's, by these names.
pub fn fields([metric, scored]: [&'static str; 2], label: &'static str) -> Vec<Field> {
    let scored = Field {
        name: scored,
        label: "of head",
        help: "The head whose attention score is measured, as LAYER.HEAD; the model's own default head where \
               none is named.",
        kind: Kind::Text { max_length: 9 },
        check: |text| layer_and_head(text).map(drop),
        ..Field::of_question()
    };
    vec![Field::chosen(metric, label, &METRICS, "What a run is judged by, at END."), scored]
}

/// A head beside another metric says nothing.
pub fn read(reading: &mut Reading, [metric, scored]: [&str; 2]) -> Metric {
    match reading.text(metric) {
        SCORE => {
            let named = layer_and_head(reading.text(scored));
            Metric::AttnScoreDiff(named.unwrap_or_else(|_| reading.default_head()))
        }
        named => {
            reading.overlook(&[scored]);
            named.parse().expect("a metric")
        }
    }
}
