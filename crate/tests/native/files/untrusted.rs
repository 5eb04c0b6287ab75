//! Files that lie: each lie has its own message, and none makes the loader panic.

use crate::fixture::WEIGHTS;
mod headers;
mod known;
mod pairs;
mod properties;
mod tokenizers;

/// A safetensors file.
pub fn file(header: &str, data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
}

/// The fixture's header and data.
pub fn parts() -> (&'static str, &'static [u8]) {
    let (length, rest) = WEIGHTS.split_at(8);
    let (header, data) = rest.split_at(u64::from_le_bytes(length.try_into().unwrap()) as usize);
    (std::str::from_utf8(header).unwrap(), data)
}
