//! NumPy's npy: a magic word, a version, a header that is a Python dictionary of three entries, and the numbers.

use super::{HOW, Tensor};
use crate::plain::quoted;

const MAGIC: usize = 6;
const MOST_HEADER_BYTES: usize = 1 << 16;
const MOST_DIMENSIONS: usize = 8;

/// # Errors
/// What is wrong with it, without the file's name.
pub fn read(bytes: &[u8]) -> Result<Tensor, String> {
    let cut = || "the npy file ends in its header; it may have been cut off".to_owned();
    let version = *bytes.get(MAGIC).ok_or_else(cut)?;
    let (length, start) = match version {
        1 => (bytes.get(8..10).map(|b| usize::from(b[0]) | usize::from(b[1]) << 8), 10),
        2 | 3 => {
            let length = bytes.get(8..12).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
            (length.and_then(|length| usize::try_from(length).ok()), 12)
        }
        other => return Err(format!("expected an npy file of version 1, 2 or 3, found {other}; {HOW}")),
    };
    let length = length.ok_or_else(cut)?;
    if length > MOST_HEADER_BYTES {
        return Err(format!("expected a header of at most {MOST_HEADER_BYTES} bytes, found {length}; {HOW}"));
    }
    let header = bytes.get(start..start + length).ok_or_else(cut)?;
    let header = std::str::from_utf8(header).ok().and_then(Header::parse);
    let Header { descr, fortran_order, shape } = header.ok_or_else(|| {
        format!("its npy header cannot be read; expected 'descr', 'fortran_order' and 'shape' of one plain array; {HOW}")
    })?;
    let dtype = match descr.as_str() {
        "<f2" => "F16",
        "<f4" => "F32",
        "<f8" => "F64",
        other => {
            return Err(format!(
                "expected little-endian numbers of type <f2, <f4 or <f8, found {}; convert them with astype(\"<f4\")",
                quoted(other)
            ));
        }
    };
    if fortran_order && shape.iter().filter(|&&n| n != 1).count() > 1 {
        return Err("its rows are stored column by column; save numpy.ascontiguousarray of it".into());
    }
    let tensor = Tensor { name: None, dtype: dtype.into(), shape, at: start + length };
    let found = bytes.len() - tensor.at;
    if tensor.bytes() != Some(found) {
        return Err(format!(
            "the shape {:?} of {dtype} does not fit the {found} bytes of numbers; the file may have been cut off",
            tensor.shape
        ));
    }
    Ok(tensor)
}

struct Header {
    descr: String,
    fortran_order: bool,
    shape: Vec<usize>,
}

impl Header {
    /// `{'descr': '<f4', 'fortran_order': False, 'shape': (768,), }`, in any order.
    fn parse(text: &str) -> Option<Self> {
        let mut rest = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
        let (mut descr, mut fortran_order, mut shape) = (None, None, None);
        while !rest.is_empty() {
            let key = string(&mut rest)?;
            rest = rest.trim_start().strip_prefix(':')?.trim_start();
            let is_new = match key {
                "descr" => descr.replace(string(&mut rest)?.to_owned()).is_none(),
                "fortran_order" => {
                    let (value, after) = match rest.strip_prefix("True") {
                        Some(after) => (true, after),
                        None => (false, rest.strip_prefix("False")?),
                    };
                    rest = after;
                    fortran_order.replace(value).is_none()
                }
                "shape" => {
                    let (inside, after) = rest.strip_prefix('(')?.split_once(')')?;
                    rest = after;
                    shape.replace(tuple(inside)?).is_none()
                }
                _ => false,
            };
            if !is_new {
                return None;
            }
            rest = rest.trim_start();
            rest = match rest.strip_prefix(',') {
                Some(after) => after.trim_start(),
                None if rest.is_empty() => rest,
                None => return None,
            };
        }
        Some(Self { descr: descr?, fortran_order: fortran_order?, shape: shape? })
    }
}

fn string<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let (inside, after) = rest[1..].split_once(quote)?;
    *rest = after;
    Some(inside)
}

fn tuple(inside: &str) -> Option<Vec<usize>> {
    let inside = inside.trim();
    let inside = inside.strip_suffix(',').unwrap_or(inside);
    if inside.trim().is_empty() {
        return Some(Vec::new());
    }
    let numbers: Option<Vec<usize>> =
        inside.split(',').map(|number| number.trim().trim_end_matches('L').parse().ok()).collect();
    numbers.filter(|numbers| numbers.len() <= MOST_DIMENSIONS)
}
