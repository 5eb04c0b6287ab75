//! The header of a safetensors file: eight bytes for its length, then a JSON object of tensors by name.

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor};

use super::{HOW, Tensor};
use crate::error::excerpt;
use crate::plain::quoted;

const MOST_HEADER_BYTES: usize = 1 << 20;
const MOST_TENSORS: usize = 10_000;
const MOST_DIMENSIONS: usize = 8;

/// # Errors
/// What is wrong with it, without the file's name.
pub fn read(bytes: &[u8]) -> Result<Vec<Tensor>, String> {
    let unknown =
        || format!("expected .safetensors, .npy or a JSON array of numbers, found neither of them; {HOW}");
    let (first, rest) = bytes.split_first_chunk::<8>().ok_or_else(unknown)?;
    let length = usize::try_from(u64::from_le_bytes(*first)).ok().filter(|&length| length > 0);
    let length = length.filter(|_| rest.first() == Some(&b'{')).ok_or_else(unknown)?;
    if length > MOST_HEADER_BYTES {
        return Err(format!("expected a header of at most {MOST_HEADER_BYTES} bytes, found {length}; {HOW}"));
    }
    if length > rest.len() {
        return Err(format!(
            "its header ends after {length} bytes, and the file after {}; it may have been cut off",
            rest.len()
        ));
    }
    let (header, data) = rest.split_at(length);
    let broken = |error: serde_json::Error| format!("its header is broken: {}", excerpt(&error.to_string()));
    let mut json = serde_json::Deserializer::from_slice(header);
    let entries = Entries.deserialize(&mut json).map_err(broken)?;
    json.end().map_err(broken)?;
    if entries.is_empty() {
        return Err(format!("there is no tensor in it; {HOW}"));
    }
    entries.into_iter().map(|entry| tensor(entry, 8 + length, data.len())).collect()
}

fn tensor((name, info): (String, Info), start: usize, data: usize) -> Result<Tensor, String> {
    let Info { dtype, shape, data_offsets: (from, to) } = info;
    let called = quoted(&name);
    if shape.len() > MOST_DIMENSIONS {
        return Err(format!("{called} has more than {MOST_DIMENSIONS} dimensions"));
    }
    if from > to || to > data {
        return Err(format!(
            "{called} is said to be at bytes {from} to {to} of {data}; the file may have been cut off"
        ));
    }
    let tensor = Tensor { name: Some(name), dtype: excerpt(&dtype), shape, at: start + from };
    match tensor.float() {
        Some(_) if tensor.bytes() != Some(to - from) => Err(format!(
            "{called} has the shape {:?} of {} and {} bytes, which do not fit each other",
            tensor.shape,
            tensor.dtype,
            to - from
        )),
        _ => Ok(tensor),
    }
}

#[derive(Deserialize)]
struct Info {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (usize, usize),
}

/// In the order in which they are listed; a name that is given twice is an error, and in a map it would not be seen.
struct Entries;

impl<'de> DeserializeSeed<'de> for Entries {
    type Value = Vec<(String, Info)>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Entries {
    type Value = Vec<(String, Info)>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object of tensors by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut entries, mut names) = (Vec::new(), BTreeSet::new());
        while let Some(name) = map.next_key::<String>()? {
            if !names.insert(name.clone()) {
                return Err(A::Error::custom(format!("{} is given twice", quoted(&name))));
            }
            if name == "__metadata__" {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            if entries.len() == MOST_TENSORS {
                return Err(A::Error::custom(format!("more than {MOST_TENSORS} tensors")));
            }
            let info =
                map.next_value().map_err(|error| A::Error::custom(format!("{}: {error}", quoted(&name))))?;
            entries.push((name, info));
        }
        Ok(entries)
    }
}
