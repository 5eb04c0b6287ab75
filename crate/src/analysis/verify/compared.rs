use serde::Serialize;
use serde_json::Value;

/// A published figure and ours.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Compared {
    /// Its place in the file.
    pub name: String,
    /// A number, or numbers in arrays.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "any"))]
    pub published: Value,
    /// As many; nothing where the model has no such figure.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "any"))]
    pub ours: Option<Value>,
    /// How many numbers it is.
    pub numbers: usize,
    /// The largest between a number and ours.
    pub difference: Option<f64>,
    /// Where that is.
    pub worst: Option<Worst>,
    /// The most that the difference may be.
    pub tolerance: f64,
    /// Whether they are of other prompts than ours, so that they agree only roughly.
    pub approximate: bool,
    /// Whether the figure holds. One that cannot be compared does not.
    pub within: bool,
    /// Why it cannot be compared.
    pub problem: Option<String>,
}

/// The number of a figure that is furthest from ours.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Worst {
    pub published: f64,
    pub ours: f64,
    /// Its place in words, of several numbers.
    pub at: Option<String>,
}
