//! Comma- or tab-separated values.

use csv::{ReaderBuilder, StringRecord};

use super::Pair;
use super::file::unreadable;
use crate::Result;

/// By the names that a header may have for them.
const COLUMNS: [&[&str]; 4] = [
    &["clean"],
    &["corrupted", "corrupt"],
    &["answer", "answers"],
    &["wrong", "wrong_answer", "wrong_answers"],
];

/// Whether the first line is a header.
pub fn is_one(text: &str) -> bool {
    header(text).is_some_and(|(cells, _)| cells.iter().any(|cell| cell.trim() == COLUMNS[0][0]))
}

/// Its cells, and what is between them.
fn header(text: &str) -> Option<(StringRecord, u8)> {
    let line = text.lines().next()?;
    let delimiter = if line.contains('\t') { b'\t' } else { b',' };
    let mut reader =
        ReaderBuilder::new().delimiter(delimiter).has_headers(false).from_reader(line.as_bytes());
    reader.records().next()?.ok().map(|cells| (cells, delimiter))
}

/// # Errors
/// [`crate::Error::BadInput`] for `pairs` if the header lacks a column, or has it twice.
pub fn read(text: &str) -> Result<Vec<std::result::Result<Pair, String>>> {
    let Some((header, delimiter)) = header(text) else { return Ok(Vec::new()) };
    let mut places = [0; 4];
    for (place, names) in places.iter_mut().zip(COLUMNS) {
        let found: Vec<usize> = (0..header.len()).filter(|&at| names.contains(&header[at].trim())).collect();
        let &[at] = &found[..] else {
            let times = if found.is_empty() { "no column" } else { "more than one column" };
            let columns: Vec<&str> = header.iter().collect();
            return Err(unreadable(format!(
                "the header \"{}\" has {times} {}",
                columns.join(", "),
                names[0]
            )));
        };
        *place = at;
    }
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let rows = reader.records().skip(1);
    let pair = |row: csv::Result<StringRecord>| {
        let row = row.map_err(|error| error.to_string())?;
        if row.len() != header.len() {
            return Err(format!(
                "it has {} cells and the header {}; a cell with a comma in it must be in quotation marks",
                row.len(),
                header.len()
            ));
        }
        let [clean, corrupted, answers, wrong] = places.map(|place| row[place].to_owned());
        let several = |cell: &str| -> Vec<String> {
            if cell.is_empty() { Vec::new() } else { cell.split('|').map(str::to_owned).collect() }
        };
        let pair = Pair { clean, corrupted, answers: several(&answers), wrong_answers: several(&wrong) };
        pair.check_size().map(|()| pair)
    };
    Ok(rows.map(pair).collect())
}
