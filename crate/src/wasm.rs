//! The page's side of the crate, and the only file that names `wasm_bindgen`: few, coarse, typed calls.
//! Records cross as plain objects; tensors never cross.

mod bench;
mod job;
mod model;
mod products;
mod reproduce;

use std::collections::BTreeMap;
use std::sync::Once;

use serde::Serialize;
use sha2::Digest;
use tsify::Tsify;
use wasm_bindgen::prelude::*;

use crate::experiment::EXPERIMENTS;
use crate::frame::Frame;
use crate::hub::SmallFiles;
use crate::ioi::{DatasetSpec, Flip, Order, Prompt, TemplateId};
use crate::patch::FileVector;
use crate::task::{Pair, PairsFile};
use crate::vector_file::{Tensor, VectorFile};
use crate::{Error, ErrorKind, schema, tokenizer, weights};

use self::model::{Device, Model};

#[allow(unsafe_code, reason = "the one symbol that only the linker provides")]
unsafe extern "C" {
    /// The linker's own. CubeCL's compiler registers itself in static constructors; unless the program
    /// calls this itself, the linker has every export run all of them again.
    safe fn __wasm_call_ctors();
}

/// Makes the module ready. The page need not call it, since wasm-bindgen does; tests must.
#[wasm_bindgen(start)]
pub fn start() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        __wasm_call_ctors();
        console_error_panic_hook::set_once();
        // A browser that will not have it computes the same, slower.
        let _ = products::use_fastest();
    });
}

/// A JavaScript `Error` whose name is the kind of error and whose `field`, if any, is the one to blame.
fn thrown(error: Error) -> JsValue {
    if error.kind() == ErrorKind::DeviceError {
        // Beside the browser's own messages about its GPU.
        web_sys::console::error_1(&error.to_string().into());
    }
    let js = js_sys::Error::new(&error.to_string());
    js.set_name(&format!("{:?}", error.kind()));
    if let Some(field) = error.field() {
        // Setting a property of a fresh Error cannot fail.
        let _ = js_sys::Reflect::set(&js, &"field".into(), &field.into());
    }
    js.into()
}

/// A value of the page's.
pub(crate) type Object = JsValue;

/// A record as a plain object.
pub(crate) fn object<T: Serialize>(record: &T) -> Object {
    record.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).expect("records are plain data")
}

/// A plain object as JSON.
pub(crate) fn json<T: serde::de::DeserializeOwned>(object: &Object) -> serde_json::Result<T> {
    let text = js_sys::JSON::stringify(object).map_or_else(|_| String::new(), String::from);
    serde_json::from_slice(text.as_bytes())
}

type JsResult<T> = std::result::Result<T, JsValue>;

#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
struct PreviewedPrompt {
    sentence: String,
    io: String,
    s: String,
    flipped: String,
    /// The flipped prompt's own names.
    flipped_io: String,
    flipped_s: String,
    order: Order,
    /// Nothing for a prompt that was not generated.
    template: Option<TemplateId>,
}

#[derive(Serialize, Tsify)]
struct Preview {
    sentences: Vec<PreviewedPrompt>,
    n: usize,
}

#[derive(Serialize, Tsify)]
struct PairsText {
    rows: Vec<PairsRow>,
    #[tsify(type = "Record<string, number>")]
    word_idxs: BTreeMap<String, usize>,
    prepend_bos: bool,
}

/// A pair, or why it is none.
#[derive(Serialize, Tsify)]
#[serde(untagged)]
enum PairsRow {
    Pair(Pair),
    Problem { problem: String },
}

/// Every form there is.
#[wasm_bindgen(unchecked_return_type = "Schema[]")]
pub fn schemas() -> JsValue {
    object(&schema::schemas(EXPERIMENTS))
}

/// The job that texts ask for, by the names of their fields, as far as this can be said without a model.
#[wasm_bindgen(js_name = read, unchecked_return_type = "Read")]
pub fn read_texts(
    analysis: &str,
    #[wasm_bindgen(unchecked_param_type = "Record<string, string>")] texts: JsValue,
) -> JsResult<JsValue> {
    Ok(object(&schema::read(EXPERIMENTS, analysis, &texts_of(&texts)?, None)))
}

/// Texts by name. Half of a character becomes U+FFFD.
fn texts_of(object: &JsValue) -> JsResult<BTreeMap<String, String>> {
    let not_texts = || thrown(Error::input("texts", "expected an object of texts"));
    let entries = js_sys::Object::entries(object.dyn_ref().ok_or_else(not_texts)?);
    let text = |pair: JsValue| {
        let pair: js_sys::Array = pair.into();
        Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
    };
    entries.iter().map(|pair| text(pair).ok_or_else(not_texts)).collect()
}

/// The first prompts of a dataset and their flips; needs no model.
#[wasm_bindgen(unchecked_return_type = "Preview")]
pub fn preview(
    #[wasm_bindgen(unchecked_param_type = "DatasetSpec")] spec: JsValue,
    flip: &str,
    count: usize,
) -> JsResult<JsValue> {
    let spec: DatasetSpec = read(&spec)?;
    let flip = Flip::parse(flip).map_err(thrown)?;
    let prompts = spec.generate().map_err(thrown)?;
    let flipped = flip.apply(&prompts, spec.seed).map_err(thrown)?;
    let preview = |(prompt, flipped): (Prompt, Prompt)| PreviewedPrompt {
        order: prompt.order(),
        template: prompt.template,
        sentence: prompt.sentence,
        io: prompt.io,
        s: prompt.s,
        flipped: flipped.sentence,
        flipped_io: flipped.io,
        flipped_s: flipped.s,
    };
    let n = prompts.len();
    let sentences = prompts.into_iter().zip(flipped).take(count).map(preview).collect();
    Ok(object(&Preview { sentences, n }))
}

/// What a text of pairs says, row by row; needs no model. Throws where it is none.
#[wasm_bindgen(unchecked_return_type = "PairsText")]
pub fn pairs(text: &str) -> JsResult<JsValue> {
    let PairsFile { prompts, word_idxs, prepend_bos } = PairsFile::read(text.as_bytes()).map_err(thrown)?;
    let row = |read: std::result::Result<Pair, String>| match read {
        Ok(pair) => PairsRow::Pair(pair),
        Err(problem) => PairsRow::Problem { problem },
    };
    let rows = prompts.into_iter().map(row).collect();
    Ok(object(&PairsText { rows, word_idxs, prepend_bos: prepend_bos.unwrap_or(true) }))
}

#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
struct VectorRead {
    tensors: Vec<Tensor>,
    vector: Option<FileVector>,
    /// Why none has been read of the one that is meant.
    problem: Option<String>,
}

/// A file's tensors, and the vector of one of them, or of one of its rows; of a file's only one where none is named. Throws
/// where it is no file of vectors.
#[wasm_bindgen(unchecked_return_type = "VectorRead")]
pub fn vector(name: &str, bytes: &[u8], tensor: Option<String>, row: Option<usize>) -> JsResult<JsValue> {
    let file = VectorFile::open(name, bytes).map_err(thrown)?;
    let (vector, problem) = match file.vector(tensor.as_deref(), row) {
        Ok(vector) => (Some(vector), None),
        Err(error) => (None, Some(error.to_string())),
    };
    Ok(object(&VectorRead { tensors: file.tensors().to_vec(), vector, problem }))
}

/// A figure's numbers as comma-separated values: a header, and a line for each cell. Throws where values are missing.
#[wasm_bindgen]
pub fn csv(#[wasm_bindgen(unchecked_param_type = "Frame")] frame: JsValue) -> JsResult<String> {
    let frame: Frame = json(&frame)
        .and_then(serde_json::from_value)
        .map_err(|error| thrown(Error::input("frame", format!("the numbers cannot be read: {error}"))))?;
    Ok(frame.to_csv())
}

/// A record from the page, which is no more to be trusted than the link it may come from: through JSON,
/// where unknown fields are an error.
fn read<T: serde::de::DeserializeOwned>(value: &JsValue) -> JsResult<T> {
    json(value).map_err(|error| thrown(Error::input("spec", format!("the settings cannot be read: {error}"))))
}

/// Throws unless config.json and tokenizer.json say what those of a known model must; see hub.json.
#[wasm_bindgen(js_name = checkSmallFiles)]
pub fn check_small_files(
    #[wasm_bindgen(unchecked_param_type = "object")] known: JsValue,
    config_json: &str,
    tokenizer_json: &[u8],
) -> JsResult<()> {
    let known: SmallFiles = read(&known)?;
    known.check(config_json, tokenizer_json).map_err(thrown)
}

/// The bytes of the tokenizer.json that says what a vocab.json and a merges.txt say; the same for the same two files.
#[wasm_bindgen(js_name = tokenizerFromVocabulary)]
pub fn tokenizer_from_vocabulary(vocab_json: &[u8], merges_txt: &[u8]) -> JsResult<Vec<u8>> {
    tokenizer::from_vocabulary(vocab_json, merges_txt).map_err(thrown)
}

/// The files of a model in several, by its model.safetensors.index.json.
#[wasm_bindgen(js_name = shardFiles, unchecked_return_type = "string[]")]
pub fn shard_files(index_json: &[u8]) -> JsResult<JsValue> {
    weights::shard_files(index_json).map(|files| object(&files)).map_err(thrown)
}

/// A file's SHA-256 as its bytes arrive. The browser's own takes only whole files.
#[wasm_bindgen]
#[derive(Default)]
pub struct Sha256(sha2::Sha256);

#[wasm_bindgen]
impl Sha256 {
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all bytes so far, in hexadecimal; more may follow.
    pub fn hex(&self) -> String {
        self.0.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
