use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::{Order, Prompt};

/// One of the lexicon's templates: the list it is in, and its place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct TemplateId {
    pub order: Order,
    pub index: usize,
}

impl TemplateId {
    pub(super) fn abba(index: usize) -> Self {
        Self { order: Order::Abba, index }
    }

    pub(super) fn baba(index: usize) -> Self {
        Self { order: Order::Baba, index }
    }
}

/// The names, places, objects and sentence templates. Their order matters: the generator indexes into it.
#[derive(Deserialize)]
pub struct Lexicon {
    pub names: Vec<String>,
    pub places: Vec<String>,
    pub objects: Vec<String>,
    pub abba_templates: Vec<String>,
    pub baba_templates: Vec<String>,
    /// Longer and otherwise divided forms of these, which no dataset is drawn from.
    pub baba_long_templates: Vec<String>,
    pub baba_late_ios: Vec<String>,
    pub baba_early_ios: Vec<String>,
    pub abba_late_ios: Vec<String>,
    pub abba_early_ios: Vec<String>,
    /// They have three names, of which B and C occur twice.
    pub abc_templates: Vec<String>,
    pub bac_templates: Vec<String>,
}

impl Lexicon {
    /// The lexicon of the IOI paper's dataset.
    pub fn get() -> &'static Self {
        static LEXICON: OnceLock<Lexicon> = OnceLock::new();
        LEXICON.get_or_init(|| {
            serde_json::from_slice(include_bytes!("lexicon.json"))
                .expect("the lexicon in the source is valid")
        })
    }

    /// The templates of an order, with `[A]` for IO, `[B]` for S, `[PLACE]` and `[OBJECT]`.
    pub fn templates(&self, order: Order) -> &[String] {
        match order {
            Order::Abba => &self.abba_templates,
            Order::Baba => &self.baba_templates,
        }
    }

    /// One of them.
    pub fn template(&self, id: TemplateId) -> &str {
        &self.templates(id.order)[id.index]
    }

    /// The names, sorted, that a prompt does not have: what random ones are drawn from.
    pub fn names_besides(&self, prompt: &Prompt) -> Vec<&str> {
        let names = self.names.iter().map(String::as_str);
        let mut names: Vec<&str> = names.filter(|name| *name != prompt.io && *name != prompt.s).collect();
        names.sort_unstable();
        names
    }

    pub fn is_name(&self, word: &str) -> bool {
        self.names.iter().any(|name| name == word)
    }
}
