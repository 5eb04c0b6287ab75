//! The header of a safetensors file, as it is written: what it lists is checked in [`super::pieces`].
//!
//! The safetensors library reads headers into maps, where the last of two equal names wins and a list of
//! any length is kept. Here a name given twice stays visible, and no header takes more memory than its own
//! bytes and a few numbers for each tensor.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::names;
use crate::{Error, error::excerpt, wrong_file};

/// The length of a header may be at most this, as in the safetensors library.
const MAX_HEADER_BYTES: u64 = 100_000_000;

/// Dimensions of a tensor.
const MAX_DIMENSIONS: usize = 8;

/// Names kept of what is passed over.
const MAX_NAMES: usize = 5;

/// One tensor that is wanted, as the header lists it.
#[derive(Debug, PartialEq)]
pub struct Entry {
    pub name: String,
    /// The name without what wrappers add.
    pub short: String,
    pub dtype: String,
    pub shape: Vec<u64>,
}

/// Where a tensor is: its first byte and the one after the last, counted from the header's end.
pub type Offsets = (u64, u64);

/// What a header lists.
#[derive(Debug, Default)]
pub struct Listing {
    pub entries: Vec<Entry>,
    /// The places of all tensors, those of the entries by their number.
    pub places: Vec<(Offsets, Option<usize>)>,
    pub passed: Passed,
}

/// What is in a place that nobody wants.
#[derive(Debug, Default)]
pub struct Passed {
    /// Only those of the first ones.
    pub names: Vec<String>,
    pub count: usize,
    /// One that looks like the token embedding of a model in a wrapper that is not known.
    pub wrapped: Option<String>,
}

impl Passed {
    pub fn add(&mut self, name: &str) {
        if self.names.len() < MAX_NAMES {
            self.names.push(excerpt(name));
        }
        self.count += 1;
        if self.wrapped.is_none() && name.ends_with(".wte.weight") {
            self.wrapped = Some(excerpt(name));
        }
    }
}

/// The length of the header, from the file's first eight bytes; what follows them, if it is there, is only to be named.
///
/// # Errors
/// [`Error::BadModel`] if it is over the limit, as it is in any file that is no safetensors file.
pub fn header_length(file: &str, first_bytes: [u8; 8], following: &[u8]) -> crate::Result<u64> {
    match u64::from_le_bytes(first_bytes) {
        0 => Err(Error::model(format!("{file} has an empty header; expected a list of tensors"))),
        length if length <= MAX_HEADER_BYTES => Ok(length),
        _ => Err(wrong_file::no_safetensors(file, &beginning(first_bytes, following))),
    }
}

/// Refuses what does not begin as a header does: some files' first bytes make a number that could be a length.
///
/// # Errors
/// [`Error::BadModel`]
pub fn check_beginning(file: &str, length: u64, header: &[u8]) -> crate::Result<()> {
    match header.first() {
        None | Some(b'{') => Ok(()),
        Some(_) => Err(wrong_file::no_safetensors(file, &beginning(length.to_le_bytes(), header))),
    }
}

fn beginning(first_bytes: [u8; 8], following: &[u8]) -> Vec<u8> {
    [&first_bytes, &following[..following.len().min(1000)]].concat()
}

/// The tensors in the order listed; of GPT-2's the first `most`.
///
/// # Errors
/// [`Error::BadModel`] if the header is no list of tensors.
pub fn parse(file: &str, header: &[u8], most: usize) -> crate::Result<Listing> {
    listing(header, most, names::is_gpt2s)
        .map_err(|error| Error::model(format!("{file} has a broken header: {error}")))
}

/// The tensors in the order listed; of those with wanted names, which are told without what wrappers add, the first `most`.
///
/// # Errors
/// Why the header is no list of tensors.
pub fn listing(header: &[u8], most: usize, wanted: fn(&str) -> bool) -> Result<Listing, String> {
    let broken = |error: serde_json::Error| excerpt(&error.to_string());
    let mut json = serde_json::Deserializer::from_slice(header);
    let listing = Entries { most, wanted }.deserialize(&mut json).map_err(broken)?;
    json.end().map_err(broken)?;
    Ok(listing)
}

#[derive(Deserialize)]
struct Info {
    dtype: String,
    shape: Shape,
    data_offsets: Offsets,
}

/// Where a tensor lies that is passed over, whatever its type and shape.
#[derive(Deserialize)]
struct Place {
    data_offsets: Offsets,
}

struct Entries {
    most: usize,
    wanted: fn(&str) -> bool,
}

impl<'de> DeserializeSeed<'de> for Entries {
    type Value = Listing;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Entries {
    type Value = Listing;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object of tensors by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Self { most, wanted } = self;
        let mut listing = Listing::default();
        let mut has_metadata = false;
        while let Some(name) = map.next_key::<String>()? {
            let broken = |error: A::Error| A::Error::custom(format!("{}: {error}", excerpt(&name)));
            let short = names::short(&name);
            if name == "__metadata__" {
                if has_metadata {
                    return Err(A::Error::custom("__metadata__ is given twice"));
                }
                has_metadata = true;
                map.next_value::<IgnoredAny>()?;
            } else if !wanted(&short) {
                let Place { data_offsets } = map.next_value().map_err(broken)?;
                listing.places.push((data_offsets, None));
                listing.passed.add(&name);
            } else if listing.entries.len() < most {
                let Info { dtype, shape, data_offsets } = map.next_value().map_err(broken)?;
                listing.places.push((data_offsets, Some(listing.entries.len())));
                let short = short.into_owned();
                listing.entries.push(Entry { name, short, dtype, shape: shape.0 });
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(listing)
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
