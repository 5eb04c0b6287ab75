use std::fmt;

use serde::{Deserialize, Serialize};

use crate::plain::unreadable;
use crate::{Error, Result};

/// The longest vector that an edit may put in; the widest GPT-2 has 1600 numbers.
const MOST_NUMBERS: usize = 1 << 16;

/// The longest name of a file or a tensor, in characters.
const MOST_CHARACTERS: usize = 255;

/// A vector of a file, with what it takes to find it again. The numbers are here, so that nothing that is computed needs the
/// file once more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(deny_unknown_fields)]
pub struct FileVector {
    /// The file's name, without its folder.
    pub file: String,
    /// Which tensor, of a file that names them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub tensor: Option<String>,
    /// Which row from 0, of a tensor that has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub row: Option<usize>,
    /// The whole file's, in hexadecimal.
    pub sha256: String,
    pub numbers: Vec<f32>,
}

impl FileVector {
    /// What a spec or a link says of a vector, which may be anybody's.
    ///
    /// # Errors
    /// [`Error::BadInput`] for `fill`.
    pub fn check(&self) -> Result<()> {
        let refuse = |message: String| Err(Error::input("fill", message));
        for name in [&self.file].into_iter().chain(&self.tensor) {
            let length = name.chars().count();
            if length == 0 || length > MOST_CHARACTERS {
                return refuse(format!(
                    "a vector's file and tensor have names of 1 to {MOST_CHARACTERS} characters, found {length}; rename it"
                ));
            }
            if let Some(odd) = unreadable(name) {
                return refuse(format!(
                    "the name of a vector's file or tensor must be plain text, found {odd}; rename it"
                ));
            }
        }
        let is_hash = self.sha256.len() == 64
            && self.sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !is_hash {
            return refuse("a vector names its file's SHA-256 in 64 hexadecimal digits; found none".into());
        }
        let count = self.numbers.len();
        if count == 0 || count > MOST_NUMBERS {
            return refuse(format!("a vector has 1 to {MOST_NUMBERS} numbers, found {count}"));
        }
        if let Some(place) = self.numbers.iter().position(|number| !number.is_finite()) {
            return refuse(format!(
                "a vector must be of finite numbers, found {} at {place}; mend the file",
                self.numbers[place]
            ));
        }
        if self.numbers.iter().all(|&number| number == 0.0) {
            return refuse("all numbers of the vector are 0, which is no direction; take another".into());
        }
        Ok(())
    }
}

/// "probe.safetensors:name_mover[3] (SHA-256 0123456789ab)"
impl fmt::Display for FileVector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(tensor) = &self.tensor {
            write!(f, ":{tensor}")?;
        }
        if let Some(row) = self.row {
            write!(f, "[{row}]")?;
        }
        let beginning: String = self.sha256.chars().take(12).collect();
        write!(f, " (SHA-256 {beginning})")
    }
}
