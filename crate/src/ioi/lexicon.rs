use std::sync::OnceLock;

use serde::Deserialize;

/// The names, places, objects and sentence templates. Their order matters: the generator indexes into it.
#[derive(Deserialize)]
pub struct Lexicon {
    pub names: Vec<String>,
    pub places: Vec<String>,
    pub objects: Vec<String>,
    pub abba_templates: Vec<String>,
    pub baba_templates: Vec<String>,
    /// Of three names, of which B and C occur twice.
    pub abc_templates: Vec<String>,
    pub bac_templates: Vec<String>,
}

impl Lexicon {
    /// The lexicon of the IOI paper's dataset.
    pub fn get() -> &'static Self {
        static LEXICON: OnceLock<Lexicon> = OnceLock::new();
        LEXICON.get_or_init(|| {
            serde_json::from_str(include_str!("lexicon.json")).expect("the lexicon in the source is valid")
        })
    }

    pub fn is_name(&self, word: &str) -> bool {
        self.names.iter().any(|name| name == word)
    }
}
