//! A safetensors file that is there as a whole: which tensors it has, and where.

use std::collections::BTreeSet;

use super::{HOW, Tensor};
use crate::error::excerpt;
use crate::plain::quoted;
use crate::weights::{Entry, Offsets, listing};

const MOST_HEADER_BYTES: usize = 1 << 20;

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
    let listed =
        listing(header, usize::MAX, |_| true).map_err(|error| format!("its header is broken: {error}"))?;
    if listed.entries.is_empty() {
        return Err(format!("there is no tensor in it; {HOW}"));
    }
    let mut names = BTreeSet::new();
    if let Some(twice) = listed.entries.iter().find(|entry| !names.insert(&entry.name)) {
        return Err(format!("its header is broken: {} is given twice", quoted(&twice.name)));
    }
    let places = listed.places.iter().map(|(offsets, _)| *offsets);
    listed
        .entries
        .iter()
        .zip(places)
        .map(|(entry, place)| tensor(entry, place, 8 + length, data.len()))
        .collect()
}

fn tensor(entry: &Entry, (from, to): Offsets, start: usize, data: usize) -> Result<Tensor, String> {
    let called = quoted(&entry.name);
    if from > to || to > data as u64 {
        return Err(format!(
            "{called} is said to be at bytes {from} to {to} of {data}; the file may have been cut off"
        ));
    }
    let size =
        |&n: &u64| usize::try_from(n).map_err(|_| format!("{called} has {n} rows or columns, too many"));
    let tensor = Tensor {
        name: Some(entry.name.clone()),
        dtype: excerpt(&entry.dtype),
        shape: entry.shape.iter().map(size).collect::<Result<_, _>>()?,
        at: start + from as usize,
    };
    match tensor.float() {
        Some(_) if tensor.bytes() != Some((to - from) as usize) => Err(format!(
            "{called} has the shape {:?} of {} and {} bytes, which do not fit each other",
            tensor.shape,
            tensor.dtype,
            to - from
        )),
        _ => Ok(tensor),
    }
}
