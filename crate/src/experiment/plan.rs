//! What is done in each batch, step by step.

use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    Embed(Input),
    Layer(Input, usize),
    Measure(Stop),
}

/// Which prompts go through the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    Clean,
    /// The clean prompts and their flips.
    Both,
}

/// Where a batch is held on its way up, to measure something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    /// The layer that has not run yet; behind the last, the number of layers.
    pub layer: usize,
    /// Whether the flipped run is needed there too.
    pub flipped: bool,
    pub reads: Reads,
    /// What is measured, in words.
    pub what: &'static str,
}

/// The positions of each prompt that are read at a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// Those up to END.
    All,
    /// Those of IO, S1, S2 and END.
    Roles,
}

/// Clean and flipped prompts together, as far as the last stop that needs the flipped ones, and from there
/// the clean ones alone; `stops` go upwards, one a layer.
pub fn tasks(stops: &[Stop]) -> Vec<Task> {
    let last = stops.last().map_or(0, |stop| stop.layer);
    let last_flipped = stops.iter().rfind(|stop| stop.flipped).map(|stop| stop.layer);
    let input_at = |layer| match last_flipped {
        Some(last_flipped) if layer < last_flipped => Input::Both,
        _ => Input::Clean,
    };
    let mut tasks = vec![Task::Embed(if last_flipped.is_some() { Input::Both } else { Input::Clean })];
    for layer in 0..=last {
        tasks.extend(stops.iter().filter(|stop| stop.layer == layer).map(|&stop| Task::Measure(stop)));
        if layer < last {
            tasks.push(Task::Layer(input_at(layer), layer));
        }
    }
    tasks
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |input: &Input| match input {
            Input::Clean => "clean run",
            Input::Both => "clean and flipped run",
        };
        match self {
            Self::Embed(input) => write!(f, "{}, embedding", name(input)),
            Self::Layer(input, layer) => write!(f, "{}, layer {layer}", name(input)),
            Self::Measure(stop) => f.write_str(stop.what),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stop(layer: usize, flipped: bool) -> Stop {
        Stop { layer, flipped, reads: Reads::Roles, what: "" }
    }

    #[test]
    fn no_layer_runs_twice_and_none_in_vain() {
        use Input::{Both, Clean};
        use Task::{Embed, Layer, Measure};
        let (at_1, behind) = (stop(1, true), stop(3, false));
        assert_eq!(
            tasks(&[at_1, behind]),
            [Embed(Both), Layer(Both, 0), Measure(at_1), Layer(Clean, 1), Layer(Clean, 2), Measure(behind),]
        );
        let every: Vec<Stop> = (0..3).map(|layer| stop(layer, true)).collect();
        let (first, second) = (Layer(Both, 0), Layer(Both, 1));
        let expected = [Embed(Both), Measure(every[0]), first, Measure(every[1]), second, Measure(every[2])];
        assert_eq!(tasks(&every), expected);
        assert_eq!(tasks(&[stop(0, false)]), [Embed(Clean), Measure(stop(0, false))]);
    }
}
