//! What is done in each batch, step by step.

use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    Embed(Input),
    /// One layer of the network.
    Layer(Input, usize),
    Measure(Stop),
}

/// Which prompts go through the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    Clean,
    Flipped,
}

/// Where a batch is held on its way up, to measure something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    /// The layer that has not run yet; behind the last, the number of layers.
    pub layer: usize,
    /// Whether the flipped run is needed there too.
    pub flipped: bool,
    /// What is measured, in words.
    pub what: &'static str,
}

/// Both runs side by side, each as far as the last stop that needs it; `stops` go upwards, one a layer.
pub fn tasks(stops: &[Stop]) -> Vec<Task> {
    let clean_end = stops.last().map_or(0, |stop| stop.layer);
    let flipped_end = stops.iter().rfind(|stop| stop.flipped).map(|stop| stop.layer);
    let mut tasks = vec![Task::Embed(Input::Clean)];
    tasks.extend(flipped_end.map(|_| Task::Embed(Input::Flipped)));
    for layer in 0..=clean_end {
        tasks.extend(stops.iter().filter(|stop| stop.layer == layer).map(|&stop| Task::Measure(stop)));
        if layer < clean_end {
            tasks.push(Task::Layer(Input::Clean, layer));
        }
        if flipped_end.is_some_and(|end| layer < end) {
            tasks.push(Task::Layer(Input::Flipped, layer));
        }
    }
    tasks
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |input: &Input| match input {
            Input::Clean => "clean run",
            Input::Flipped => "flipped run",
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
        Stop { layer, flipped, what: "" }
    }

    #[test]
    fn no_layer_runs_twice_and_none_in_vain() {
        use Input::{Clean, Flipped};
        use Task::{Embed, Layer, Measure};
        let (at_1, behind) = (stop(1, true), stop(3, false));
        assert_eq!(
            tasks(&[at_1, behind]),
            [
                Embed(Clean),
                Embed(Flipped),
                Layer(Clean, 0),
                Layer(Flipped, 0),
                Measure(at_1),
                Layer(Clean, 1),
                Layer(Clean, 2),
                Measure(behind),
            ]
        );
        let every: Vec<Stop> = (0..3).map(|layer| stop(layer, true)).collect();
        let planned = tasks(&every);
        for task in [Layer(Clean, 0), Layer(Clean, 1), Layer(Flipped, 0), Layer(Flipped, 1)] {
            assert_eq!(planned.iter().filter(|found| **found == task).count(), 1);
        }
        assert_eq!(planned.len(), 2 + 4 + 3);
        assert_eq!(tasks(&[stop(0, false)]), [Embed(Clean), Measure(stop(0, false))]);
    }
}
