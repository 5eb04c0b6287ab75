//! What heads look at: in sequences in which each token occurs twice, and between a task's roles.

use crate::Result;
use crate::analysis::attention::{Pair, Row};
use crate::loader::LoadedModel;
use crate::task::{Example, Examples, InductionTask, TaskSpec};

/// The first figures: attention in sequences. Those between roles follow.
pub const SEQUENCES: [&str; 3] = ["previous_token", "duplicate_token", "induction"];

/// Each example's tokens with its answer after END, so that each but BOS occurs twice. Every position but the first looks at
/// the one before it; each position of the second half at the first occurrence of its token, and at the token after that.
///
/// # Errors
/// As [`TaskSpec::examples`].
pub fn of_sequences(task: &InductionTask, model: &LoadedModel) -> Result<Vec<Row>> {
    let length = task.length as usize;
    let examples = TaskSpec::Induction(task.clone()).examples(&model.tokenizer, model.gpt2.config.n_ctx)?;
    let row = |Example { clean, .. }: Example| {
        let pair = |figure, query, key| Pair { figure, query, key };
        let previous = (1..clean.len()).map(|query| pair(0, query, query - 1));
        let second = clean.len() - length..clean.len();
        let again =
            second.flat_map(|query| [pair(1, query, query - length), pair(2, query, query - length + 1)]);
        Row { pairs: previous.chain(again).collect(), ..Row::of(clean) }
    };
    Ok(examples.examples.into_iter().map(row).collect())
}

/// Each example's clean tokens up to END, and the pairs of roles of which it has the key not after the query; and the names of
/// all pairs, such as "END->IO".
pub fn of_roles(task: &TaskSpec, examples: &Examples) -> (Vec<Row>, Vec<String>) {
    let roles = task.attention(&examples.roles);
    let row = |example: &Example| {
        let at = |role: usize| example.positions[role];
        let pairs = roles.iter().enumerate().filter(|(_, [query, key])| at(*key) <= at(*query));
        let pairs = pairs.map(|(i, &[query, key])| Pair {
            figure: SEQUENCES.len() + i,
            query: at(query),
            key: at(key),
        });
        Row { pairs: pairs.collect(), ..Row::of(example.clean[..=example.end()].to_vec()) }
    };
    let name = |[query, key]: &[usize; 2]| format!("{}->{}", examples.roles[*query], examples.roles[*key]);
    (examples.examples.iter().map(row).collect(), roles.iter().map(name).collect())
}
