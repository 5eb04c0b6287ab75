//! The other forms of a prompt's names: for " Mary", "Mary" and "mary". The model writes and reads them with
//! other tokens, whose unembeddings are much alike.

use super::runs::Role;
use crate::ioi::Prompt;
use crate::tokenizer::Tokenizer;
use crate::{Error, Result};

/// The first token of each form of a name, which may be several tokens.
pub struct NameForms {
    /// The forms of IO, and after them those of S: `[form][prompt]`.
    io: [Vec<u32>; 2],
    s: [Vec<u32>; 2],
}

impl NameForms {
    /// # Errors
    /// [`Error::BadModel`] if the tokenizer makes nothing of a name.
    pub fn new(prompts: &[Prompt], tokenizer: &Tokenizer) -> Result<Self> {
        let first = |text: &str| -> Result<u32> {
            tokenizer.encode(text)?.first().copied().ok_or_else(|| {
                Error::model(format!(
                    "this tokenizer makes no token of \"{text}\"; every name must be one or more"
                ))
            })
        };
        let mut forms = Self { io: [Vec::new(), Vec::new()], s: [Vec::new(), Vec::new()] };
        for prompt in prompts {
            for (name, [as_is, lower]) in [(&prompt.io, &mut forms.io), (&prompt.s, &mut forms.s)] {
                as_is.push(first(name)?);
                lower.push(first(&name.to_lowercase())?);
            }
        }
        Ok(forms)
    }

    /// The tokens of some prompts' IO or S, form by form.
    pub fn of(&self, role: Role, prompts: &[usize]) -> [Vec<u32>; 2] {
        let forms = if role == Role::Io { &self.io } else { &self.s };
        [0, 1].map(|form: usize| prompts.iter().map(|&prompt| forms[form][prompt]).collect())
    }
}

/// The tokens of IO, and of S where asked for, each also in its other forms where asked for; a list for each form. `names`: the
/// tokens of IO and of S, one a prompt.
pub fn name_tokens(
    [io, s]: [&[u32]; 2],
    prompts: &[usize],
    forms: Option<&NameForms>,
    [with_s, all_forms]: [bool; 2],
) -> Vec<Vec<u32>> {
    let names = [(Role::Io, io), (Role::S1, s)];
    let of_name = |(role, tokens): (Role, &[u32])| {
        let others = all_forms.then(|| forms.expect("known where they are asked for").of(role, prompts));
        [vec![tokens.to_vec()], others.into_iter().flatten().collect()].concat()
    };
    names.into_iter().take(if with_s { 2 } else { 1 }).flat_map(of_name).collect()
}
