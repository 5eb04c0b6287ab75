use crate::{Error, Result};

/// The most bytes of a file: in a browser it is held by the program and by the page at once.
const MOST_BYTES: u64 = if cfg!(target_arch = "wasm32") { 256 << 20 } else { 4 << 30 };

/// # Errors
/// [`Error::BadInput`] for `layers`, saying what to do.
pub fn check_size(bytes: u64) -> Result<()> {
    if bytes <= MOST_BYTES {
        return Ok(());
    }
    Err(Error::input(
        "layers",
        format!(
            "the file would have {} MB; at most {} MB are written {}: take fewer sites, layers, positions or examples",
            bytes.div_ceil(1_000_000),
            MOST_BYTES / 1_000_000,
            if cfg!(target_arch = "wasm32") { "by a page" } else { "at once" }
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_too_large_is_refused_with_what_to_do() {
        assert_eq!(check_size(MOST_BYTES), Ok(()));
        let error = check_size(MOST_BYTES + 1).unwrap_err();
        assert_eq!(error.field(), Some("layers"));
        assert_eq!(
            error.to_string(),
            "the file would have 4295 MB; at most 4294 MB are written at once: take fewer sites, layers, positions or examples"
        );
    }
}
