//! A token's neighbours in words, as a table and as bars.

use super::{NearestTokens, Neighbour, Neighbours};
use crate::frame::{Axis, Column, Frame};
use crate::report::words::{list, rounded};
use crate::report::{Chart, Figure, Report, Table};

/// What the spaces are called, in their order, and for names of files.
const NAMES: [(&str, &str); 4] = [
    ("W_E", "nearest-W_E"),
    ("W_EE", "nearest-W_EE"),
    ("W_EE, only MLPs", "nearest-W_EE-only-MLPs"),
    ("W_U", "nearest-W_U"),
];

const LEGEND: &str = "W_E are the token embeddings, W_EE what layer 0 makes of a token by itself, only MLPs the part of that from MLP_0, and W_U the unembeddings.";

impl NearestTokens {
    pub fn report(&self) -> Report {
        let spaces = || self.spaces.iter().zip(NAMES);
        Report {
            about: format!("token {:?}", self.text),
            stem: format!("token{}", self.token),
            answer: self.answer(),
            notes: Vec::new(),
            tables: vec![self.table()],
            figures: spaces().map(|(space, names)| self.figure(space, names)).collect(),
        }
    }

    /// The nearest token in each space, besides the token itself.
    fn answer(&self) -> String {
        let other =
            |space: &'_ Neighbours| space.tokens.iter().find(|near| near.token != self.token).cloned();
        let nearest = self.spaces.iter().zip(NAMES).filter_map(|(space, (name, _))| {
            let Neighbour { text, cosine, .. } = other(space)?;
            Some(format!("{text:?} in {name} ({})", rounded(cosine.into(), 3)))
        });
        let nearest: Vec<String> = nearest.collect();
        if nearest.is_empty() {
            return format!("No token besides {:?} was looked for.", self.text);
        }
        format!("Of all other tokens the nearest to {:?} by cosine are {}.", self.text, list(&nearest))
    }

    /// A column a space, the nearest first.
    fn table(&self) -> Table {
        let most = self.spaces.iter().map(|space| space.tokens.len()).max().unwrap_or(0);
        let cell = |space: &Neighbours, place: usize| {
            let near = space.tokens.get(place);
            near.map(|near| format!("{:?} {}", near.text, rounded(near.cosine.into(), 3))).unwrap_or_default()
        };
        let row = |place: usize| {
            let cells = self.spaces.iter().map(|space| cell(space, place));
            [(place + 1).to_string()].into_iter().chain(cells).collect()
        };
        Table {
            name: "nearest",
            title: format!("Nearest to {:?} by cosine", self.text),
            header: ["rank"].into_iter().chain(NAMES.map(|(name, _)| name)).map(String::from).collect(),
            rows: (0..most).map(row).collect(),
            caption: LEGEND.into(),
        }
    }

    fn figure(&self, space: &Neighbours, (space_name, name): (&str, &'static str)) -> Figure {
        let cosines = space.tokens.iter().map(|near| Some(near.cosine.into())).collect();
        Figure {
            name,
            title: format!("Nearest to {:?} in {space_name}", self.text),
            caption: format!("Bars are cosines, the nearest token first. {LEGEND}"),
            chart: Chart::Bars,
            frame: Frame::new(
                vec![Axis::new("token", labels(&space.tokens))],
                vec![Column::new("cosine", "", cosines)],
            ),
            groups: Vec::new(),
        }
    }
}

/// Texts in quotes, since spaces are part of a token. Tokens that are no whole characters may look alike; they have their
/// numbers beside them.
fn labels(tokens: &[Neighbour]) -> Vec<String> {
    let alike = |text: &str| tokens.iter().filter(|other| other.text == text).count() > 1;
    let label = |near: &Neighbour| {
        let number = if alike(&near.text) { format!(" ({})", near.token) } else { String::new() };
        format!("{:?}{number}", near.text)
    };
    tokens.iter().map(label).collect()
}

#[cfg(test)]
mod tests {
    use super::super::SPACES;
    use super::*;

    fn near(token: u32, text: &str, cosine: f32) -> Neighbour {
        Neighbour { token, text: text.into(), cosine }
    }

    fn found(tokens: Vec<Neighbour>) -> NearestTokens {
        let space = |space| Neighbours { space, tokens: tokens.clone() };
        NearestTokens { token: 7, text: " Mary".into(), spaces: SPACES.map(space).into() }
    }

    #[test]
    fn the_token_itself_is_in_the_table_and_not_in_the_answer() {
        let report = found(vec![near(7, " Mary", 1.0), near(9, "Mary", 0.71249)]).report();
        assert_eq!(
            report.answer,
            "Of all other tokens the nearest to \" Mary\" by cosine are \"Mary\" in W_E (0.712), \"Mary\" in W_EE (0.712), \"Mary\" in W_EE, only MLPs (0.712) and \"Mary\" in W_U (0.712)."
        );
        let [table] = report.tables.as_slice() else { panic!("one table") };
        assert_eq!(table.header, ["rank", "W_E", "W_EE", "W_EE, only MLPs", "W_U"]);
        assert_eq!(table.rows[0][..2], ["1", "\" Mary\" 1.000"]);
        assert_eq!(table.rows[1][..2], ["2", "\"Mary\" 0.712"]);
        assert!(table.rows.iter().all(|row| row.len() == table.header.len()));
        let names: Vec<_> = report.figures.iter().map(|figure| figure.name).collect();
        assert_eq!(names, NAMES.map(|(_, name)| name));
        assert_eq!(report.figures[3].frame.axes()[0].labels, ["\" Mary\"", "\"Mary\""]);
        assert_eq!((report.about, report.stem), ("token \" Mary\"".into(), "token7".into()));
    }

    #[test]
    fn tokens_that_look_alike_are_told_apart() {
        let alike =
            found(vec![near(7, " Mary", 1.0), near(187, "\u{fffd}", 0.5), near(188, "\u{fffd}", 0.4)]);
        let report = alike.report();
        let labels = &report.figures[0].frame.axes()[0].labels;
        assert_eq!(labels[..], ["\" Mary\"", "\"\u{fffd}\" (187)", "\"\u{fffd}\" (188)"]);
    }

    #[test]
    fn nothing_may_be_looked_for() {
        for tokens in [vec![], vec![near(7, " Mary", 1.0)]] {
            let answer = found(tokens).report().answer;
            assert_eq!(answer, "No token besides \" Mary\" was looked for.");
        }
    }
}
