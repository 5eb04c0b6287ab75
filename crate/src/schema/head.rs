//! The head that is asked about.

use super::reading::Reading;
use super::{Field, Kind};

const BOTH: &str = "name both, or neither for the model's own default head";

pub fn fields() -> Vec<Field> {
    // Only to stop nonsense early: the model knows how many it has.
    let of_head = || Field { kind: Kind::Integer { min: 0, max: 999 }, ..Field::of("head") };
    vec![
        Field {
            name: "layer",
            label: "Layer",
            help: "The head's layer, counted from 0. Without a layer and a head, the model's own default head is \
                   asked about.",
            ..of_head()
        },
        Field {
            name: "head",
            label: "Head",
            help: "The head within its layer, counted from 0. Without a layer and a head, the model's own default \
                   head is asked about.",
            ..of_head()
        },
    ]
}

/// Layer and head, which the model has.
pub fn read(reading: &mut Reading) -> [usize; 2] {
    let usual = reading.default_head();
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
            let message = format!("expected a head of layer {layer}, found nothing; {BOTH}");
            reading.refuse("head", message);
            usual
        }
        (None, Some(head)) if !wrong => {
            let message = format!("expected the layer of head {head}, found nothing; {BOTH}");
            reading.refuse("layer", message);
            usual
        }
        _ => usual,
    }
}
