//! Comma- or tab-separated values with a header, as somebody wrote them.

use std::result::Result;

use csv::{ReaderBuilder, StringRecord};

/// A text whose first line is a header.
pub struct Columns<'a> {
    text: &'a str,
    header: StringRecord,
    delimiter: u8,
}

/// A row's cells, or why there are none.
pub type Cells<const N: usize> = Result<[String; N], String>;

impl<'a> Columns<'a> {
    /// None unless a cell of the first line is this name, whose case does not count.
    pub fn of(text: &'a str, name: &str) -> Option<Self> {
        let line = text.lines().next()?;
        let delimiter = if line.contains('\t') { b'\t' } else { b',' };
        let mut reader =
            ReaderBuilder::new().delimiter(delimiter).has_headers(false).from_reader(line.as_bytes());
        let header = reader.records().next()?.ok()?;
        let found = header.iter().any(|cell| is_named(cell, name));
        found.then_some(Self { text, header, delimiter })
    }

    /// Every row's cells of these columns, each by the names that it may have, with the number of the row's line, from 1.
    ///
    /// # Errors
    /// If the header lacks a column, or has it twice.
    pub fn rows<const N: usize>(&self, columns: [&[&str]; N]) -> Result<Vec<(usize, Cells<N>)>, String> {
        let mut places = [0; N];
        for (place, names) in places.iter_mut().zip(columns) {
            let is_one = |at: &usize| names.iter().any(|name| is_named(&self.header[*at], name));
            let found: Vec<usize> = (0..self.header.len()).filter(is_one).collect();
            let &[at] = &found[..] else {
                let times = if found.is_empty() { "no column" } else { "more than one column" };
                let header: Vec<&str> = self.header.iter().collect();
                return Err(format!("the header \"{}\" has {times} {}", header.join(", "), names[0]));
            };
            *place = at;
        }
        let mut reader = ReaderBuilder::new()
            .delimiter(self.delimiter)
            .flexible(true)
            .has_headers(false)
            .from_reader(self.text.as_bytes());
        let mut rows = Vec::new();
        for row in reader.records().skip(1) {
            let row = row.map_err(|error| error.to_string());
            let line = row.as_ref().ok().and_then(|row| row.position()).map_or(0, csv::Position::line);
            rows.push((line as usize, row.and_then(|row| self.cells(&row, places))));
        }
        Ok(rows)
    }

    fn cells<const N: usize>(&self, row: &StringRecord, places: [usize; N]) -> Cells<N> {
        if row.len() != self.header.len() {
            return Err(format!(
                "it has {} cells and the header {}; a cell with a comma in it must be in quotation marks",
                row.len(),
                self.header.len()
            ));
        }
        Ok(places.map(|place| row[place].to_owned()))
    }
}

fn is_named(cell: &str, name: &str) -> bool {
    cell.trim().eq_ignore_ascii_case(name)
}
