//! The head that is asked about.

use super::reading::Reading;
use super::{Field, Kind};
use crate::experiment::ExperimentSpec;

const GROUP: &str = "head";
/// Only to stop nonsense early: the model knows how many it has.
const MAX: u32 = 999;

pub fn fields() -> Vec<Field> {
    let number = || Kind::Integer { min: 0, max: MAX };
    let layer = "The head's layer, counted from 0. Without a layer and a head, the model's own default head is asked about.";
    let head = "The head within its layer, counted from 0. Without a layer and a head, the model's own default head is asked about.";
    vec![
        Field::new(GROUP, "layer", "Layer", number(), "", layer),
        Field::new(GROUP, "head", "Head", number(), "", head),
    ]
}

/// Layer and head, which the model has.
pub fn read(reading: &mut Reading) -> [usize; 2] {
    let usual = match reading.model {
        Some(model) => model.config.default_head(),
        None => [ExperimentSpec::default().layer, ExperimentSpec::default().head],
    };
    let [layer, head] = ["layer", "head"].map(|name| reading.text(name).parse::<usize>().ok());
    let wrong = reading.is_refused("layer") || reading.is_refused("head");
    match (layer, head) {
        (Some(layer), Some(head)) => {
            if let Some(model) = reading.model {
                reading.check(model.config.check_head(layer, 0));
                reading.check(model.config.check_head(0, head));
            }
            [layer, head]
        }
        (Some(layer), None) if !wrong => {
            reading.refuse("head", format!("expected a head of layer {layer}, found nothing; name one, or leave the layer empty too for the model's own default"));
            usual
        }
        (None, Some(head)) if !wrong => {
            reading.refuse("layer", format!("expected the layer of head {head}, found nothing; name one, or leave the head empty too for the model's own default"));
            usual
        }
        _ => usual,
    }
}
