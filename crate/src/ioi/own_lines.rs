//! Prompts that somebody wrote as text: one a line, `sentence | IO | S`, or as a table or JSON.

use serde_json::value::RawValue;

use super::CustomPrompt;
use super::custom::{MAX_NAME, MAX_PROMPTS, MAX_SENTENCE};
use crate::columns::Columns;
use crate::left_out::from_json;
use crate::plain::{quoted, unreadable};

/// Bytes of the text as a whole: far more than as many usual prompts have as may be run.
const MAX_TEXT: usize = 1_000_000;
/// Lines, those that are no prompts included: so much is read at once.
const MAX_LINES: usize = 5_000;
/// The most bytes of a line that is taken apart: more than a sentence and two names have.
const MAX_LINE: usize = 2 * (MAX_SENTENCE + 2 * MAX_NAME);

/// What somebody wrote, by numbers from 1: of lines, `sentence | IO | S`, of which empty ones are no mistake; of the lines of a
/// comma- or tab-separated table whose header has sentence, io and s; or of the entries of a JSON array of objects that have these.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnLines {
    pub prompts: Vec<(usize, CustomPrompt)>,
    /// Why the other lines are none, whatever the model.
    pub problems: Vec<(usize, String)>,
}

impl OwnLines {
    /// # Errors
    /// If the text is larger than any that is read: it was not.
    pub fn read(text: &str) -> Result<Self, String> {
        if text.len() > MAX_TEXT {
            return Err(format!("expected at most {MAX_TEXT} bytes of prompts, found more; shorten them"));
        }
        // Windows editors put a mark before it.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let is_json =
            text.trim_start().strip_prefix('[').is_some_and(|rest| rest.trim_start().starts_with('{'));
        let entries = if is_json {
            in_json(text)?
        } else if let Some(table) = Columns::of(text, "sentence") {
            in_table(&table)?
        } else {
            in_lines(text)?
        };
        let mut read = Self::default();
        for (number, prompt) in entries {
            match prompt.and_then(|prompt| prompt.check_text().map(|()| prompt)) {
                Ok(prompt) => read.prompts.push((number, prompt)),
                Err(why) => read.problems.push((number, why)),
            }
        }
        Ok(read)
    }

    /// Whether there are prompts to run, and not too many.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn check(&self) -> Result<(), String> {
        match (self.prompts.len(), self.problems.first()) {
            (0, None) => Err("expected a prompt in a line, found only empty lines".into()),
            (0, Some((line, why))) => Err(format!("no line is a prompt; line {line}: {why}")),
            (found, _) if found > MAX_PROMPTS => {
                Err(format!("expected at most {MAX_PROMPTS} prompts, found {found}; leave some out"))
            }
            _ => Ok(()),
        }
    }
}

/// An entry's number, and the prompt, or why it is none.
type Entry = (usize, Result<CustomPrompt, String>);

fn in_lines(text: &str) -> Result<Vec<Entry>, String> {
    // Some line ends are of two characters.
    let lines = || text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'));
    if lines().nth(MAX_LINES).is_some() {
        return Err(format!("expected at most {MAX_LINES} lines of prompts, found more; leave some out"));
    }
    let written = (1..).zip(lines()).filter(|(_, line)| !line.trim().is_empty());
    Ok(written.map(|(number, line)| (number, CustomPrompt::from_line(line))).collect())
}

fn in_table(table: &Columns<'_>) -> Result<Vec<Entry>, String> {
    let rows = table.rows([&["sentence"], &["io"], &["s"]])?;
    let prompt = |[sentence, io, s]: [String; 3]| CustomPrompt { sentence, io, s };
    Ok(rows.into_iter().map(|(line, row)| (line, row.map(prompt))).collect())
}

fn in_json(text: &str) -> Result<Vec<Entry>, String> {
    let entries: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| {
        format!("expected a JSON array of objects with \"sentence\", \"io\" and \"s\"; {error}")
    })?;
    Ok((1..).zip(entries).map(|(number, entry)| (number, from_json(entry))).collect())
}

impl CustomPrompt {
    /// The parts of a line, with `|` or tabs between. The last two count, so that a sentence may have some of its own.
    ///
    /// # Errors
    /// Why there are none.
    pub fn from_line(line: &str) -> Result<Self, String> {
        if line.len() > MAX_LINE {
            return Err(format!(
                "expected at most {MAX_SENTENCE} bytes for the sentence and {MAX_NAME} for a name, found a line of {}; shorten it",
                line.len()
            ));
        }
        let between = if line.contains('\t') { '\t' } else { '|' };
        let mut parts = line.rsplitn(3, between).map(|part| part.trim().to_owned());
        match (parts.next(), parts.next(), parts.next()) {
            (Some(s), Some(io), Some(sentence)) => Ok(Self { sentence, io, s }),
            (_, second, _) => Err(format!(
                "expected a sentence, IO and S with | or tabs between, found {}; write: sentence | IO | S",
                if second.is_some() { "two parts" } else { "one part" }
            )),
        }
    }

    /// Whether it is a prompt as far as this can be said without a model.
    ///
    /// # Errors
    /// What was expected, what was found, what to do.
    pub fn check_text(&self) -> Result<(), String> {
        let Self { sentence, io, s } = self;
        for (what, text, most) in
            [("the sentence", sentence, MAX_SENTENCE), ("IO", io, MAX_NAME), ("S", s, MAX_NAME)]
        {
            if text.is_empty() {
                return Err(format!("expected {what}, found nothing; write: sentence | IO | S"));
            }
            if text.len() > most {
                return Err(format!(
                    "expected at most {most} bytes for {what}, found {}; shorten it",
                    text.len()
                ));
            }
            if let Some(odd) = unreadable(text) {
                return Err(format!(
                    "expected plain text for {what}, found {odd}; delete it, or type the text anew"
                ));
            }
        }
        if let Some(name) = [io, s].into_iter().find(|name| name.contains(char::is_whitespace)) {
            return Err(format!(
                "expected a name of one word, found {}; choose a shorter name",
                quoted(name)
            ));
        }
        if io == s {
            return Err(format!(
                "expected two names for IO and S, found {} twice; the last one is S",
                quoted(io)
            ));
        }
        let (words, last) = sentence.rsplit_once(' ').unwrap_or(("", sentence));
        if last != io {
            return Err(format!(
                "expected the sentence to end in IO {}, found {}; end it in the answer, without a full stop",
                quoted(io),
                quoted(last)
            ));
        }
        // The roles are words of their own.
        for (role, name, times, expected) in [("IO", io, 1, "once"), ("S", s, 2, "twice, as S1 and as S2,")] {
            let found = words.split(' ').filter(|word| word == name).count();
            if found < times {
                return Err(format!(
                    "expected {role} {} {expected} before the answer, as a word without a comma or the like, found it {}; mend the sentence or the name",
                    quoted(name),
                    if found == 0 { "nowhere" } else { "once" }
                ));
            }
        }
        Ok(())
    }
}
