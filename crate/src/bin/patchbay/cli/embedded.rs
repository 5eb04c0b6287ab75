//! ioi-mini, the model that ships with the page, within this program.

use serde::Deserialize;

pub const NAME: &str = "ioi-mini";
pub const CONFIG: &[u8] = include_bytes!("../../../../../www/public/models/ioi-mini/config.json");
pub const TOKENIZER: &[u8] = include_bytes!("../../../../../www/public/models/ioi-mini/tokenizer.json");
pub const WEIGHTS: &[u8] = include_bytes!("../../../../../www/public/models/ioi-mini/model.safetensors");
const CARD: &str = include_str!("../../../../../www/public/models/ioi-mini/card.json");

#[derive(Deserialize)]
struct Card {
    default_head: [usize; 2],
}

/// The head that it is asked about where none is named, on the page too: its name mover, by its card.
pub fn default_head() -> [usize; 2] {
    serde_json::from_str::<Card>(CARD).expect("the card names a head").default_head
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_card_names_its_head() {
        assert_eq!(super::default_head(), [3, 0]);
    }
}
