//! Vectors for edits from files, which are strangers': safetensors, NumPy's npy, or a JSON array of numbers.
//!
//! A file is told by its first bytes and not by its name. Nothing is set aside for what a header only announces.

mod npy;
mod safetensors;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::excerpt;
use crate::patch::FileVector;
use crate::plain::{quoted, visible};
use crate::weights::{Float, Numbers};
use crate::{Error, Result};

/// The largest file.
pub const MOST_BYTES: usize = 64 << 20;

const HOW: &str = "save it with numpy.save or safetensors.numpy.save_file";

/// A file with its tensors.
pub struct VectorFile<'a> {
    name: String,
    bytes: &'a [u8],
    tensors: Vec<Tensor>,
    /// The numbers of a JSON array, which is read at once.
    read: Option<Vec<f32>>,
}

/// What a file says of a tensor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Tensor {
    /// None where the file names none.
    pub name: Option<String>,
    pub dtype: String,
    pub shape: Vec<usize>,
    /// Its first byte in the file.
    #[serde(skip)]
    at: usize,
}

fn refused(message: String) -> Error {
    Error::input("patch_vector", message)
}

impl<'a> VectorFile<'a> {
    /// # Errors
    /// [`Error::BadInput`] saying what was expected, what was found, and what to do.
    pub fn open(name: &str, bytes: &'a [u8]) -> Result<Self> {
        // Without its folder, by whichever sign that is written.
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let name = visible(&excerpt(name)).into_owned();
        if bytes.len() > MOST_BYTES {
            return Err(refused(format!(
                "{name}: expected at most {} MiB, found {}; save the vector by itself",
                MOST_BYTES >> 20,
                bytes.len() >> 20
            )));
        }
        let broken = |why: String| refused(format!("{name}: {why}"));
        let one = |tensor: Tensor| Self { name: name.clone(), bytes, tensors: vec![tensor], read: None };
        match bytes {
            [] => Err(broken(format!("the file is empty; {HOW}"))),
            [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => npy::read(bytes).map(one).map_err(broken),
            [b'P', b'K', 3, 4, ..] => Err(broken(format!(
                "expected .safetensors, .npy or a JSON array, found a zip archive, as .npz and .pt are; {HOW}"
            ))),
            [0x80, 2..=5, ..] => Err(broken(format!(
                "expected .safetensors, .npy or a JSON array, found a pickle, which is a program and is not run; {HOW}"
            ))),
            _ if bytes.trim_ascii_start().first() == Some(&b'[') => {
                let numbers: Vec<f32> = serde_json::from_slice(bytes).map_err(|error| {
                    broken(format!("it is no JSON array of numbers: {}", excerpt(&error.to_string())))
                })?;
                let tensor = Tensor { name: None, dtype: "JSON".into(), shape: vec![numbers.len()], at: 0 };
                Ok(Self { read: Some(numbers), ..one(tensor) })
            }
            _ => {
                let tensors = safetensors::read(bytes).map_err(broken)?;
                Ok(Self { name: name.clone(), bytes, tensors, read: None })
            }
        }
    }

    pub fn tensors(&self) -> &[Tensor] {
        &self.tensors
    }

    /// A tensor, or a row of one that has several. Where none is named, the only one.
    ///
    /// # Errors
    /// [`Error::BadInput`] as of [`VectorFile::open`].
    pub fn vector(&self, tensor: Option<&str>, row: Option<usize>) -> Result<FileVector> {
        let refuse = |why: String| Err(refused(format!("{}: {why}", self.name)));
        let found = match tensor {
            None => match self.tensors.as_slice() {
                [only] => Some(only),
                several => {
                    let known = self.known();
                    return refuse(format!("it has {} tensors; name one: {known}", several.len()));
                }
            },
            Some(wanted) => self.tensors.iter().find(|tensor| tensor.name.as_deref() == Some(wanted)),
        };
        let Some(found) = found else {
            let wanted = quoted(tensor.unwrap_or_default());
            return refuse(match self.tensors.iter().all(|tensor| tensor.name.is_none()) {
                true => format!("its only array has no name; leave {wanted} out"),
                false => format!("it has no tensor {wanted}; it has {}", self.known()),
            });
        };
        let (rows, width) = match found.rows() {
            Ok(rows) => rows,
            Err(why) => return refuse(why),
        };
        let place = match row {
            _ if rows == 1 && row.unwrap_or(0) == 0 => 0,
            Some(row) if row < rows => row,
            Some(row) => return refuse(format!("expected a row from 0 to {}, found {row}", rows - 1)),
            None => {
                return refuse(format!(
                    "it has {rows} rows of {width} numbers; say which one is meant, from 0 to {}",
                    rows - 1
                ));
            }
        };
        let numbers = match self.numbers(found, place, width) {
            Ok(numbers) => numbers,
            Err(why) => return refuse(why),
        };
        let vector = FileVector {
            file: self.name.clone(),
            tensor: found.name.clone(),
            row: (rows > 1).then_some(place),
            sha256: Sha256::digest(self.bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
            numbers,
        };
        vector.check().map_err(|error| refused(format!("{}: {error}", self.name)))?;
        Ok(vector)
    }

    /// The first names.
    fn known(&self) -> String {
        const MOST: usize = 10;
        let names = self.tensors.iter().filter_map(|tensor| tensor.name.as_deref());
        let mut known: Vec<String> = names.clone().take(MOST).map(|name| visible(name).into()).collect();
        let more = names.count().saturating_sub(MOST);
        if more > 0 {
            known.push(format!("and {more} more"));
        }
        known.join(", ")
    }

    fn numbers(&self, tensor: &Tensor, row: usize, width: usize) -> std::result::Result<Vec<f32>, String> {
        if let Some(read) = &self.read {
            return Ok(read.clone());
        }
        let dtype = tensor.float().ok_or_else(|| {
            format!("expected numbers of type F16, BF16, F32 or F64, found {}; convert them", tensor.dtype)
        })?;
        let size = width * dtype.bytes();
        let from = tensor.at + row * size;
        let mut numbers = Numbers::new(dtype, width);
        numbers.push(&self.bytes[from..from + size]).map_err(|odd| {
            format!("expected finite numbers, found {} at {}; mend the file", odd.value, odd.place)
        })?;
        Ok(numbers.into_values())
    }
}

impl Tensor {
    fn float(&self) -> Option<Float> {
        match self.dtype.as_str() {
            "F64" => Some(Float::F64),
            "F32" => Some(Float::F32),
            "F16" => Some(Float::F16),
            "BF16" => Some(Float::BF16),
            _ => None,
        }
    }

    /// How many vectors it has, and how long they are: axes of one place say nothing.
    fn rows(&self) -> std::result::Result<(usize, usize), String> {
        let axes: Vec<usize> = match self.shape.as_slice() {
            [before @ .., width] => before.iter().copied().filter(|&n| n != 1).chain([*width]).collect(),
            [] => Vec::new(),
        };
        match axes[..] {
            [width] if width > 0 => Ok((1, width)),
            [rows, width] if rows > 0 && width > 0 => Ok((rows, width)),
            _ => Err(format!(
                "expected a vector, shape [width], or rows of them, shape [rows, width]; found shape {:?}",
                self.shape
            )),
        }
    }

    /// How many bytes its numbers take, where that can be said at all.
    fn bytes(&self) -> Option<usize> {
        let size = self.float()?.bytes();
        self.shape.iter().try_fold(size, |product, &n| product.checked_mul(n))
    }
}

#[cfg(test)]
mod tests;
