//! model.safetensors.index.json, which says in which of several files each tensor is.

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use crate::wrong_file::{self, CONVERT, Expected};
use crate::{Error, Result, error::excerpt};

/// Far above what any GPT-2 is split into.
const MOST_FILES: usize = 1_000;

const NAME: &str = "model.safetensors.index.json";

#[derive(Deserialize)]
struct Index {
    weight_map: Files,
}

/// The names of files, once each, in their order.
struct Files(BTreeSet<String>);

impl<'de> Deserialize<'de> for Files {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct WeightMap;

        impl<'de> Visitor<'de> for WeightMap {
            type Value = Files;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("file names by the tensors in them")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Files, A::Error> {
                let mut files = BTreeSet::new();
                while let Some((_, file)) = map.next_entry::<IgnoredAny, String>()? {
                    check_name(&file).map_err(A::Error::custom)?;
                    files.insert(file);
                    if files.len() > MOST_FILES {
                        return Err(A::Error::custom(format!("more than {MOST_FILES} files")));
                    }
                }
                Ok(Files(files))
            }
        }

        deserializer.deserialize_map(WeightMap)
    }
}

/// The files of a model in several, in the order of their names, which is that of their numbers.
///
/// # Errors
/// [`Error::BadModel`] if that is no list of plain names of safetensors files.
pub fn shard_files(index_json: &[u8]) -> Result<Vec<String>> {
    let json = wrong_file::json(NAME, index_json, Expected::Index)?;
    let index: Index = serde_json::from_slice(json).map_err(|error| {
        let error = excerpt(&error.to_string());
        Error::model(format!("{NAME} is not a list of a model's safetensors files: {error}"))
    })?;
    match index.weight_map.0 {
        files if files.is_empty() => Err(Error::model(format!("{NAME} names no file"))),
        files => Ok(files.into_iter().collect()),
    }
}

/// A name is put behind an address or a folder's path, and must not lead out of it.
fn check_name(name: &str) -> std::result::Result<(), String> {
    const LONGEST: usize = 200;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ['.', '_', '-'].contains(&c);
    if name.ends_with(".bin") || name.ends_with(".pt") {
        return Err(format!("{} is PyTorch's. {CONVERT}", excerpt(name)));
    }
    let is_file = name.ends_with(".safetensors") && !name.starts_with('.') && !name.contains("..");
    if is_file && name.len() <= LONGEST && name.chars().all(is_plain) {
        return Ok(());
    }
    Err(format!(
        "expected plain names of safetensors files, of letters, digits, dots, dashes and underscores; found {:?}",
        excerpt(name)
    ))
}

#[cfg(test)]
mod tests {
    use super::shard_files;

    fn of(map: &str) -> crate::Result<Vec<String>> {
        shard_files(format!(r#"{{"metadata":{{"total_size":1}},"weight_map":{{{map}}}}}"#).as_bytes())
    }

    #[test]
    fn files_are_named_once_in_order() {
        let files = of(
            r#""ln_f.bias":"model-00002-of-00002.safetensors","wte.weight":"model-00001-of-00002.safetensors","wpe.weight":"model-00002-of-00002.safetensors""#,
        );
        assert_eq!(files.unwrap(), ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]);
        let marked = b"\xef\xbb\xbf{\"weight_map\":{\"a\":\"b.safetensors\"}}";
        assert_eq!(shard_files(marked).unwrap(), ["b.safetensors"]);
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for name in [
            "",
            ".safetensors",
            "../a.safetensors",
            "a/b.safetensors",
            "a\\\\b.safetensors",
            "/a.safetensors",
            "..a.safetensors",
            "a..safetensors",
            "C:a.safetensors",
            "a%2fb.safetensors",
            "a.safetensors?x",
            "a\\u0000.safetensors",
            "a\\nb.safetensors",
            "é.safetensors",
            "model.json",
            &format!("{}.safetensors", "x".repeat(200)),
        ] {
            let error = of(&format!(r#""wte.weight":"{name}""#)).unwrap_err().to_string();
            assert!(error.contains("expected plain names"), "{name}: {error}");
            assert!(error.len() < 500);
        }
        let error = of(r#""wte.weight":"pytorch_model-00001-of-00002.bin""#).unwrap_err().to_string();
        assert!(error.contains("save_pretrained(NEW_FOLDER)"), "{error}");
    }

    #[test]
    fn lists_without_end_are_refused() {
        let many: Vec<String> = (0..1001).map(|i| format!(r#""t{i}":"{i}.safetensors""#)).collect();
        assert!(of(&many.join(",")).unwrap_err().to_string().contains("more than 1000 files"));
        assert_eq!(of(&many[..1000].join(",")).unwrap().len(), 1000);
        for (json, words) in [
            (&b"<html>"[..], "an HTML page"),
            (b"{}", "missing field"),
            (b"{\"weight_map\":{}}", "names no file"),
            (b"{\"weight_map\":[]}", "invalid type"),
            (b"{\"weight_map\":{\"a\":1}}", "invalid type"),
        ] {
            let error = shard_files(json).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
