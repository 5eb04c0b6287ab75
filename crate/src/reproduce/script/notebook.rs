//! A program as a Jupyter notebook of the same cells.

use serde_json::{Value, json};

/// What begins a cell in a program's text, before its title: at the beginning of a line, where nothing of the data can be.
const MARK: &str = "\n# %% ";

/// nbformat 4.4: the last whose cells need no ids.
pub fn of(about: &str, code: &str) -> String {
    let mut cells = vec![cell("markdown", about)];
    let code = format!("\n{code}");
    // There is nothing before the first.
    for of_cell in code.split(MARK).skip(1) {
        let (title, rest) = of_cell.split_once('\n').unwrap_or((of_cell, ""));
        cells.push(cell("code", &format!("# {title}\n{}", rest.trim_end())));
    }
    let language = json!({ "name": "python3", "display_name": "Python 3", "language": "python" });
    let notebook = json!({
        "cells": cells,
        "metadata": { "kernelspec": language, "language_info": { "name": "python" } },
        "nbformat": 4,
        "nbformat_minor": 4,
    });
    notebook.to_string() + "\n"
}

/// Lines keep their ends, as nbformat has it.
fn cell(kind: &str, text: &str) -> Value {
    let source: Vec<&str> = text.split_inclusive('\n').collect();
    let mut cell = json!({ "cell_type": kind, "metadata": {}, "source": source });
    if kind == "code" {
        cell["execution_count"] = Value::Null;
        cell["outputs"] = json!([]);
    }
    cell
}
