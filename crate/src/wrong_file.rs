//! What a file is that is not what it should be: a server's page, a pointer, another format. Said by name, since what a
//! parser would say of its first byte helps nobody.

use crate::{Error, Result, error::excerpt};

/// What a file should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    Config,
    Tokenizer,
    Vocabulary,
    Merges,
    Index,
    Weights,
}

impl Expected {
    fn name(self) -> &'static str {
        match self {
            Self::Config => "a GPT-2 configuration",
            Self::Tokenizer => "a tokenizer of GPT-2's kind",
            Self::Vocabulary => "a vocabulary of GPT-2's kind",
            Self::Merges => "a list of merges of GPT-2's kind",
            Self::Index => "a list of a model's safetensors files",
            Self::Weights => "a safetensors file",
        }
    }
}

/// How a file of another kind begins, what it is, and what to do.
const BEGINNINGS: [(&[u8], &str, &str); 15] = [
    (
        b"version https://git-lfs",
        "a Git LFS pointer, which stands for the file in a clone without large files",
        "Run `git lfs pull` in that clone, or download the file itself",
    ),
    (
        b"\x1f\x8b",
        "gzip data",
        "Decompress it, or have the server say that it is compressed (Content-Encoding: gzip)",
    ),
    // The same after a reader that took it for text.
    (
        b"\x1f\xef\xbf\xbd",
        "gzip data",
        "Decompress it, or have the server say that it is compressed (Content-Encoding: gzip)",
    ),
    (b"\x28\xb5\x2f\xfd", "zstd data", "Decompress it first"),
    (b"\xfd7zXZ", "xz data", "Decompress it first"),
    (b"BZh", "bzip2 data", "Decompress it first"),
    (b"PK\x03\x04", "a zip archive, as PyTorch's pytorch_model.bin is", CONVERT),
    (b"\x80\x02", "a Python pickle, as PyTorch's older pytorch_model.bin is", CONVERT),
    (b"\x80\x04", "a Python pickle", CONVERT),
    (b"\x80\x05", "a Python pickle", CONVERT),
    (b"\x89HDF", "an HDF5 file, as TensorFlow's tf_model.h5 is", CONVERT),
    (b"GGUF", "a GGUF file, as llama.cpp reads them", "Take the model's model.safetensors instead"),
    (b"\x93NUMPY", "a file of numpy's", CONVERT),
    (b"\xff\xfe", "text in UTF-16", "Save it in UTF-8"),
    (b"\xfe\xff", "text in UTF-16", "Save it in UTF-8"),
];

/// Any version since 4.35 writes safetensors.
pub const CONVERT: &str = "Convert the model with transformers: AutoModelForCausalLM.from_pretrained(FOLDER).save_pretrained(NEW_FOLDER)";
const FETCH: &str = "Check the address, and fetch the file again";

/// A JSON object's text without its byte-order mark, which some editors write and no JSON parser reads.
///
/// # Errors
/// [`Error::BadModel`] if it is something else.
pub fn json<'a>(name: &str, bytes: &'a [u8], expected: Expected) -> Result<&'a [u8]> {
    let text = without_mark(bytes);
    let found = recognised(text).or_else(|| {
        let is_object = text.trim_ascii_start().starts_with(b"{");
        if is_object { error_body(text) } else { Some(unknown(text)) }
    });
    found.map_or(Ok(text), |found| Err(refusal(name, expected, &found)))
}

/// Another text file's, as [`json`].
///
/// # Errors
/// [`Error::BadModel`] if it is something else.
pub fn text<'a>(name: &str, bytes: &'a [u8], expected: Expected) -> Result<&'a [u8]> {
    let text = without_mark(bytes);
    let found = recognised(text).or_else(|| error_body(text));
    found.map_or(Ok(text), |found| Err(refusal(name, expected, &found)))
}

/// What is said of the beginning of a file that cannot be a safetensors file.
pub fn no_safetensors(name: &str, beginning: &[u8]) -> Error {
    let text = without_mark(beginning);
    let found = recognised(text).or_else(|| error_body(text)).unwrap_or_else(|| unknown(text));
    refusal(name, Expected::Weights, &found)
}

/// What a file is instead, and what to do.
type Found = (String, &'static str);

fn refusal(name: &str, expected: Expected, (found, advice): &Found) -> Error {
    Error::model(format!("{name} is not {}: found {found}. {advice}", expected.name()))
}

fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// What its first bytes tell.
fn recognised(bytes: &[u8]) -> Option<Found> {
    let text = bytes.trim_ascii();
    if text.is_empty() {
        return Some(("an empty file".into(), "Fetch it again"));
    }
    if text.starts_with(b"<") {
        let what = if text.starts_with(b"<?xml") { "an XML document" } else { "an HTML page" };
        return Some((format!("{what}, as servers send in place of a file that they do not give"), FETCH));
    }
    // A header's length below 2³², and an object.
    if bytes.get(4..9).is_some_and(|bytes| bytes == b"\0\0\0\0{") {
        return Some(("a safetensors file".into(), "The model's files have changed places"));
    }
    // There may be only the beginning of a file that comes in pieces.
    let begins = |mark: &[u8]| bytes.starts_with(mark) || (bytes.len() >= 8 && mark.starts_with(bytes));
    let known = BEGINNINGS.iter().find(|(mark, ..)| begins(mark));
    known.map(|&(_, what, advice)| (what.to_owned(), advice))
}

/// What a server says instead, where that is what an object is: a few words under "error" or "message".
fn error_body(text: &[u8]) -> Option<Found> {
    const LONGEST: usize = 10_000;
    let body: serde_json::Value = (text.len() < LONGEST).then(|| serde_json::from_slice(text).ok())??;
    let said = ["error", "message", "detail", "errors"].iter().find_map(|&entry| body.get(entry))?;
    let said = match said {
        serde_json::Value::String(said) => said.clone(),
        // A vocabulary has such words too, with their numbers.
        serde_json::Value::Number(_) => return None,
        said => said.to_string(),
    };
    Some((format!("a server's answer: {}", excerpt(&said)), FETCH))
}

fn unknown(bytes: &[u8]) -> Found {
    let is_text = |text: &&str| !text.contains(|c: char| c.is_control() && !c.is_whitespace());
    match std::str::from_utf8(bytes).ok().filter(is_text) {
        Some(text) => (format!("a text that begins {:?}", excerpt(text)), FETCH),
        None => ("data of another kind".into(), FETCH),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_place_of_a_file_is_said() {
        let said = |bytes: &[u8]| json("config.json", bytes, Expected::Config).unwrap_err().to_string();
        for (bytes, words) in [
            (&b""[..], "an empty file"),
            (b" \n", "an empty file"),
            (b"\xef\xbb\xbf", "an empty file"),
            (b"<!DOCTYPE html><html>", "an HTML page"),
            (b"\n <html>", "an HTML page"),
            (b"<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code>", "an XML document"),
            (b"version https://git-lfs.github.com/spec/v1\noid sha256:1", "git lfs pull"),
            (b"\x1f\x8b\x08\x00", "gzip data"),
            (String::from_utf8_lossy(b"\x1f\x8b\x08\x00").as_bytes(), "gzip data"),
            (b"PK\x03\x04", "save_pretrained"),
            (b"\x80\x02\x8a\x0a", "a Python pickle"),
            (b"\xff\xfe{\0", "UTF-16"),
            (b"\x10\0\0\0\0\0\0\0{\"wte", "a safetensors file"),
            (b"{\"error\":\"Repository not found\"}", "a server's answer: Repository not found"),
            (b"{\"message\":\"rate limited\"}", "rate limited"),
            (b"{\"error\":{\"code\":404}}", "{\"code\":404}"),
            (b"Entry not found", r#"a text that begins "Entry not found""#),
            (b"[]", r#"a text that begins "[]""#),
            (b"\xff\x01", "data of another kind"),
        ] {
            let said = said(bytes);
            assert!(said.starts_with("config.json is not a GPT-2 configuration"), "{said}");
            assert!(said.contains(words), "{said}");
        }
        for right in [&b"{\"n_layer\":1}"[..], b" {", b"{\"error\":5}"] {
            assert_eq!(json("config.json", right, Expected::Config), Ok(right));
        }
        assert_eq!(json("config.json", b"\xef\xbb\xbf{}", Expected::Config), Ok(&b"{}"[..]));
    }

    #[test]
    fn the_first_eight_bytes_tell_what_is_no_safetensors_file() {
        for (bytes, words) in [
            (&b"<!DOCTYP"[..], "an HTML page"),
            (b"version ", "git lfs pull"),
            (b"\x1f\x8b\x08\0\0\0\0\0", "gzip data"),
            (b"PK\x03\x04\x14\0\0\x08", "a zip archive"),
            (b"{\"error\"", r#"begins "{\"error\"""#),
            (b"{\"error\":\"Invalid credentials\"}", "a server's answer: Invalid credentials"),
            (b"Entry not found", r#"begins "Entry not found""#),
            (&[255; 8], "data of another kind"),
        ] {
            let said = no_safetensors("model.safetensors", bytes).to_string();
            assert!(said.starts_with("model.safetensors is not a safetensors file"), "{said}");
            assert!(said.contains(words), "{said}");
        }
    }
}
