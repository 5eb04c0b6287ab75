//! What is said of an answer, and what is drawn of it: sentences, tables and figures, made of numbers by named axes. The
//! page and the command show a report without knowing which analysis it is of.

pub mod tokens;
pub mod words;

use serde::Serialize;

use crate::frame::Frame;

/// All that is said of an answer, or of what is there so far.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Report {
    /// What it is of: "head 10.7 · IOI, 150 prompts, seed 42, mixed".
    pub about: String,
    /// The same for names of files: "L10H7-n150-seed42".
    pub stem: String,
    /// The answer in words, in one to three sentences.
    pub answer: String,
    /// What has to be known with it, a sentence or two each: few prompts, a control that failed.
    pub notes: Vec<String>,
    pub tables: Vec<Table>,
    pub figures: Vec<Figure>,
}

/// Cells in words; a figure's own numbers need none, since any frame can be shown as a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Table {
    /// For links and names of files: "means".
    pub name: &'static str,
    pub title: String,
    pub header: Vec<String>,
    /// Each as long as the header. The first cell of a row names it.
    pub rows: Vec<Vec<String>>,
    /// What its columns are, in sentences; may be empty.
    pub caption: String,
}

/// Numbers, and how they are drawn.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Figure {
    /// For links and names of files: "means".
    pub name: &'static str,
    /// "Mean score by condition"
    pub title: String,
    /// How to read it, in sentences.
    pub caption: String,
    pub chart: Chart,
    pub frame: Frame,
    /// By what the places of the frame's last axis can be told apart, such as prompts by their order.
    pub groups: Vec<Groups>,
}

/// A way to tell the places of an axis apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Groups {
    /// "order"
    pub name: &'static str,
    /// The groups: "ABBA", "BABA".
    pub labels: Vec<String>,
    /// Which of the labels each place has.
    pub of: Vec<usize>,
}

/// How a frame is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "snake_case")]
pub enum Chart {
    /// One axis: a line for each label, a dot at the first column, its interval in the columns of its name with "_low" and
    /// "_high". A further column "percent" is written beside the dot; others with such intervals are there to be chosen.
    Dots,
    /// One axis: as dots, with bars from 0; in the order of the labels.
    Bars,
    /// The last two axes are rows and columns, those before them are maps beside each other, with one scale.
    HeatMap,
    /// Two axes, of which the second is the points': the first label's values to the right, each other's upwards.
    Scatter,
    /// Two axes: a series for each label of the first, of the values along the second.
    Histogram,
    /// One axis, the components of a residual stream by name ("W_E", "3.1", "MLP_3", "b_O_3"; "attn_3" where the
    /// heads of a layer are summed up): laid out by layers. A first axis before it makes maps beside each other.
    Components,
    /// The last two axes are components, a first axis makes planes beside each other.
    Pairs,
    /// A circuit: the last two axes are receivers ("9.9.q@END", "logits") and senders ("9.9@END"), a line for each pair with
    /// a value. Groups of the senders: "role", their columns in order, and "class".
    Circuit,
    /// Attention: the last two axes are queries and keys; what a query cannot see is nothing.
    Attention,
    /// Attention of every head: layers, heads, queries and keys. A small map for each head, all from 0 to 1.
    Patterns,
}
