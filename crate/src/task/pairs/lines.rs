//! The page's lines: a sentence, IO and S.

use super::Pair;
use crate::ioi::CustomPrompt;
use crate::task::Corruption;

/// Whether the first line is one.
pub fn are_some(text: &str) -> bool {
    text.lines().next().is_some_and(|line| line.contains('|') || line.contains('\t'))
}

/// Empty lines are no mistake.
pub fn read(text: &str) -> Vec<Result<Pair, String>> {
    text.lines().filter(|line| !line.trim().is_empty()).map(pair).collect()
}

fn pair(line: &str) -> Result<Pair, String> {
    let prompt = CustomPrompt::from_line(line)?;
    prompt.check_size()?;
    let CustomPrompt { sentence, io, s } = &prompt;
    let clean = sentence
        .strip_suffix(io.as_str())
        .and_then(|before| before.strip_suffix(' '))
        .ok_or_else(|| format!("the sentence must end in IO \"{io}\", without a full stop"))?;
    let corrupted =
        Corruption::default().apply(&[prompt.prompt()], 0).map_err(|error| error.to_string())?.remove(0);
    // The rule exchanges the third name. That is S for the second time only if IO and S are the first two.
    let corrupted = corrupted.sentence.strip_suffix(&format!(" {io}")).unwrap_or(clean);
    let words: Vec<(&str, &str)> = clean.split(' ').zip(corrupted.split(' ')).collect();
    let changed: Vec<usize> = (0..words.len()).filter(|&at| words[at].0 != words[at].1).collect();
    let is_before = |at: usize, name: &str| words[..at].iter().any(|(word, _)| *word == name);
    let is_s2 = |at: usize| words[at] == (s.as_str(), io.as_str()) && is_before(at, io) && is_before(at, s);
    if io == s || changed.len() != 1 || !is_s2(changed[0]) {
        return Err(format!(
            "the first three words that are exactly names must be IO \"{io}\" and twice S \"{s}\", which comes last of them"
        ));
    }
    Ok(Pair {
        clean: clean.to_owned(),
        corrupted: corrupted.to_owned(),
        answers: vec![format!(" {io}")],
        wrong_answers: vec![format!(" {s}")],
    })
}
