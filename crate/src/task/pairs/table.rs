//! Comma- or tab-separated values.

use super::Pair;
use super::file::unreadable;
use crate::Result;
use crate::columns::Columns;

/// By the names that a header may have for them.
const COLUMNS: [&[&str]; 4] = [
    &["clean"],
    &["corrupted", "corrupt"],
    &["answer", "answers"],
    &["wrong", "wrong_answer", "wrong_answers"],
];

/// If the first line is a header.
pub fn of(text: &str) -> Option<Columns<'_>> {
    Columns::of(text, COLUMNS[0][0])
}

/// # Errors
/// [`crate::Error::BadInput`] for `pairs` if the header lacks a column, or has it twice.
pub fn read(table: &Columns<'_>) -> Result<Vec<std::result::Result<Pair, String>>> {
    let rows = table.rows(COLUMNS).map_err(unreadable)?;
    let several = |cell: &str| -> Vec<String> {
        if cell.is_empty() { Vec::new() } else { cell.split('|').map(str::to_owned).collect() }
    };
    let pair = |[clean, corrupted, answers, wrong]: [String; 4]| {
        let pair = Pair { clean, corrupted, answers: several(&answers), wrong_answers: several(&wrong) };
        pair.check_size().map(|()| pair)
    };
    Ok(rows.into_iter().map(|(_, row)| row.and_then(pair)).collect())
}
