//! The header of a safetensors file, as it is written: what it lists is checked in [`super::pieces`].
//!
//! The safetensors library reads headers into maps, where the last of two equal names wins and a list of
//! any length is kept. Here a name given twice stays visible, and no header takes more memory than its own
//! bytes and a few numbers for each tensor that the model can have.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::{Error, error::excerpt};

/// The length of a header may be at most this, as in the safetensors library.
const MAX_HEADER_BYTES: u64 = 100_000_000;

/// Dimensions of a tensor; mask buffers have four.
const MAX_DIMENSIONS: usize = 8;

/// One tensor, as the header lists it.
#[derive(Debug, PartialEq)]
pub struct Entry {
    pub name: String,
    pub dtype: String,
    pub shape: Vec<u64>,
    /// First byte and the one behind the last, counted from the header's end.
    pub offsets: (u64, u64),
}

/// The length of the header, from the file's first eight bytes.
///
/// # Errors
/// [`Error::BadModel`] if it is over the limit, as it is in any file that is no safetensors file.
pub fn header_length(first_bytes: [u8; 8]) -> crate::Result<u64> {
    match u64::from_le_bytes(first_bytes) {
        0 => Err(Error::model("model.safetensors has an empty header; expected a list of tensors")),
        length if length <= MAX_HEADER_BYTES => Ok(length),
        length => Err(Error::model(format!(
            "model.safetensors is not a safetensors file: its header would be {length} bytes long, over the limit of {MAX_HEADER_BYTES}"
        ))),
    }
}

/// The tensors in the order listed, the first `most` of them.
///
/// # Errors
/// [`Error::BadModel`] if the header is no list of tensors.
pub fn parse(header: &[u8], most: usize) -> crate::Result<Vec<Entry>> {
    let broken = |error: serde_json::Error| {
        let error = excerpt(&error.to_string());
        Error::model(format!("model.safetensors has a broken header: {error}"))
    };
    let mut json = serde_json::Deserializer::from_slice(header);
    let entries = Entries { most }.deserialize(&mut json).map_err(broken)?;
    json.end().map_err(broken)?;
    Ok(entries)
}

#[derive(Deserialize)]
struct Info {
    dtype: String,
    shape: Shape,
    data_offsets: (u64, u64),
}

struct Entries {
    most: usize,
}

impl<'de> DeserializeSeed<'de> for Entries {
    type Value = Vec<Entry>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Entries {
    type Value = Vec<Entry>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object of tensors by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        let mut has_metadata = false;
        while let Some(name) = map.next_key::<String>()? {
            if name == "__metadata__" {
                if has_metadata {
                    return Err(A::Error::custom("__metadata__ is given twice"));
                }
                has_metadata = true;
                map.next_value::<IgnoredAny>()?;
            } else if entries.len() < self.most {
                let Info { dtype, shape, data_offsets } = map
                    .next_value()
                    .map_err(|error| A::Error::custom(format!("{}: {error}", excerpt(&name))))?;
                entries.push(Entry { name, dtype, shape: shape.0, offsets: data_offsets });
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(entries)
    }
}

struct Shape(Vec<u64>);

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Dimensions;
        impl<'de> Visitor<'de> for Dimensions {
            type Value = Shape;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a list of numbers")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Shape, A::Error> {
                let mut shape = Vec::new();
                while let Some(dimension) = seq.next_element()? {
                    if shape.len() == MAX_DIMENSIONS {
                        return Err(A::Error::custom(format!("more than {MAX_DIMENSIONS} dimensions")));
                    }
                    shape.push(dimension);
                }
                Ok(Shape(shape))
            }
        }
        deserializer.deserialize_seq(Dimensions)
    }
}
