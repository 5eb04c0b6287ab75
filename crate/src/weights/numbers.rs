use half::{bf16, f16};

use super::MAX_CHUNK_BYTES;

/// The number formats read; all become float32.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Float {
    F64,
    F32,
    F16,
    BF16,
}

impl Float {
    pub fn bytes(self) -> usize {
        match self {
            Self::F64 => 8,
            Self::F32 => 4,
            Self::F16 | Self::BF16 => 2,
        }
    }
}

/// The numbers of one piece, made float32 as their bytes arrive, so that they are in memory once.
#[derive(Debug)]
pub struct Numbers {
    dtype: Float,
    values: Vec<f32>,
    /// The beginning of a number that is not whole yet.
    carry: [u8; 8],
    carried: usize,
}

/// A value that is not finite, and which one it is.
#[derive(Debug, PartialEq)]
pub struct NotFinite {
    pub place: usize,
    pub value: f32,
}

impl Numbers {
    /// Room for as many as are announced, on no more than a chunk's worth of trust in the file. A buffer that
    /// doubles would take up to twice the memory.
    pub fn new(dtype: Float, announced: usize) -> Self {
        let values = Vec::with_capacity(announced.min(MAX_CHUNK_BYTES / size_of::<f32>()));
        Self { dtype, values, carry: [0; 8], carried: 0 }
    }

    /// Takes the next bytes, any number of them.
    ///
    /// # Errors
    /// The first value that is not finite.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<(), NotFinite> {
        let before = self.values.len();
        let size = self.dtype.bytes();
        if self.carried > 0 {
            let (head, rest) = bytes.split_at(bytes.len().min(size - self.carried));
            self.carry[self.carried..][..head.len()].copy_from_slice(head);
            self.carried += head.len();
            bytes = rest;
            if self.carried == size {
                self.carried = 0;
                let number = self.carry;
                self.take(&number[..size]);
            }
        }
        let (whole, rest) = bytes.split_at(bytes.len() - bytes.len() % size);
        self.take(whole);
        if !rest.is_empty() {
            self.carry[..rest.len()].copy_from_slice(rest);
            self.carried = rest.len();
        }
        match self.values[before..].iter().position(|value| !value.is_finite()) {
            None => Ok(()),
            Some(place) => Err(NotFinite { place: before + place, value: self.values[before + place] }),
        }
    }

    pub fn into_values(self) -> Vec<f32> {
        self.values
    }

    /// Whole numbers.
    fn take(&mut self, bytes: &[u8]) {
        match self.dtype {
            // What is beyond float32's range becomes infinite, and is refused as that.
            Float::F64 => {
                self.values.extend(bytes.as_chunks().0.iter().map(|b| f64::from_le_bytes(*b) as f32));
            }
            Float::F32 => self.values.extend(bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b))),
            Float::F16 => {
                self.values.extend(bytes.as_chunks().0.iter().map(|b| f16::from_le_bytes(*b).to_f32()));
            }
            Float::BF16 => {
                self.values.extend(bytes.as_chunks().0.iter().map(|b| bf16::from_le_bytes(*b).to_f32()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Float, NotFinite, Numbers};

    #[test]
    fn numbers_may_be_cut_anywhere() {
        let values = [1.5_f32, -2.0, 0.25];
        let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        for size in 1..=bytes.len() {
            let mut numbers = Numbers::new(Float::F32, 3);
            for chunk in bytes.chunks(size) {
                numbers.push(chunk).unwrap();
            }
            assert_eq!(numbers.into_values(), values);
        }
    }

    #[test]
    fn float64_is_rounded_to_the_nearest() {
        let values = [0.1, -1.0 / 3.0, 1e-50];
        let bytes: Vec<u8> = values.iter().flat_map(|x: &f64| x.to_le_bytes()).collect();
        for size in 1..=bytes.len() {
            let mut numbers = Numbers::new(Float::F64, 3);
            for chunk in bytes.chunks(size) {
                numbers.push(chunk).unwrap();
            }
            assert_eq!(numbers.into_values(), [0.1, -1.0 / 3.0, 0.0]);
        }
        let mut numbers = Numbers::new(Float::F64, 1);
        let error = numbers.push(&1e300_f64.to_le_bytes()).unwrap_err();
        assert_eq!(error, NotFinite { place: 0, value: f32::INFINITY });
    }

    #[test]
    fn what_is_not_finite_is_found_as_it_comes() {
        let mut numbers = Numbers::new(Float::BF16, 2);
        numbers.push(&[0x80, 0x3f, 0x80]).unwrap();
        assert_eq!(numbers.push(&[0x7f]), Err(NotFinite { place: 1, value: f32::INFINITY }));
    }
}
