//! Comma-separated values, as RFC 4180 has them. A token, a name or a sentence may be anybody's, and spreadsheets take
//! what begins with one of a few characters for a formula: an apostrophe before it says that it is text. What had an
//! apostrophe there already gets another, so that taking one away gives the text again.

use super::Frame;

impl Frame {
    /// A header, and a line for each cell: its labels, then its numbers, in the order of axes and columns. Where there
    /// is no value, nothing stands.
    pub fn to_csv(&self) -> String {
        let (axes, columns) = (self.axes(), self.columns());
        let names = axes.iter().map(|axis| &axis.name).chain(columns.iter().map(|column| &column.name));
        let mut csv = line(names.map(|name| text(name)));
        for cell in 0..self.len() {
            let mut labels = Vec::with_capacity(axes.len());
            let mut rest = cell;
            for axis in axes.iter().rev() {
                labels.push(text(&axis.labels[rest % axis.labels.len()]));
                rest /= axis.labels.len();
            }
            labels.reverse();
            let numbers = columns.iter().map(|column| number(column.values[cell]));
            csv += &line(labels.into_iter().chain(numbers));
        }
        csv
    }
}

/// A line of texts.
pub fn csv_line<'a>(cells: impl IntoIterator<Item = &'a String>) -> String {
    line(cells.into_iter().map(|cell| text(cell)))
}

fn line(cells: impl Iterator<Item = String>) -> String {
    cells.collect::<Vec<_>>().join(",") + "\n"
}

fn number(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// Blanks that spreadsheets take away, and the wide forms that some take for the same, are among them.
const FORMULA: [char; 11] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

fn text(cell: &str) -> String {
    let marked =
        if cell.trim_start_matches('\'').starts_with(FORMULA) { format!("'{cell}") } else { cell.into() };
    if marked.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", marked.replace('"', "\"\""))
    } else {
        marked
    }
}

#[cfg(test)]
mod tests {
    use super::{FORMULA, text};
    use crate::frame::{Axis, Column, Frame};

    #[test]
    fn a_cell_is_a_line() {
        let frame = Frame::new(
            vec![Axis::numbered("layer", 2), Axis::new("token", [" \"no\", he", "two\nlines", "=1"])],
            vec![
                Column::new(
                    "logit_diff",
                    "logits",
                    vec![Some(-0.5), None, Some(1e-7), Some(3.0), Some(0.1), Some(f64::from(0.1_f32))],
                ),
                Column::new("a, b", "", vec![Some(0.0); 6]),
            ],
        );
        let expected = concat!(
            "layer,token,logit_diff,\"a, b\"\n",
            "0,\" \"\"no\"\", he\",-0.5,0\n",
            "0,\"two\nlines\",,0\n",
            "0,'=1,0.0000001,0\n",
            "1,\" \"\"no\"\", he\",3,0\n",
            "1,\"two\nlines\",0.1,0\n",
            "1,'=1,0.10000000149011612,0\n",
        );
        assert_eq!(frame.to_csv(), expected);
        let number = Frame::new(vec![], vec![Column::new("x", "", vec![Some(1.5)])]);
        assert_eq!(number.to_csv(), "x\n1.5\n");
        let none = Frame::new(vec![Axis::numbered("layer", 0)], vec![Column::new("x", "", vec![])]);
        assert_eq!(none.to_csv(), "layer,x\n");
    }

    #[test]
    fn what_a_spreadsheet_would_take_for_a_formula_is_text() {
        for (cell, expected) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("\n=1", "\"'\n=1\""),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            (
                "=HYPERLINK(\"https://a.example\",\"b\")",
                "\"'=HYPERLINK(\"\"https://a.example\"\",\"\"b\"\")\"",
            ),
            ("'=1", "''=1"),
            (" =1", " =1"),
            (" -", " -"),
            ("'tis", "'tis"),
            ("a=b", "a=b"),
            ("\"=1\"", "\"\"\"=1\"\"\""),
        ] {
            assert_eq!(text(cell), expected);
        }
    }

    #[test]
    fn one_apostrophe_less_is_the_text_again() {
        for cell in ["=1", "'=1", "''-x", "'tis", "plain", "+"] {
            let marked = text(cell);
            let again =
                marked.strip_prefix('\'').filter(|rest| rest.trim_start_matches('\'').starts_with(FORMULA));
            assert_eq!(again.unwrap_or(&marked), cell);
        }
    }
}
