//! What repeats a finished run elsewhere. A run comes back from whoever has kept it, and is read like any text.

use serde::Serialize;
use tsify::Tsify;
use wasm_bindgen::prelude::*;

use super::{JsResult, object, read, texts_of, thrown};
use crate::reproduce::{Finished, Headline, Library, Script, ScriptForm};
use crate::schema::Problem;

#[derive(Serialize, Tsify)]
struct LinkHeadline {
    /// The parameters that are a part of it; empty where there is none.
    #[serde(serialize_with = "crate::experiment::as_map")]
    #[tsify(type = "Record<string, string>")]
    headline: Vec<(&'static str, String)>,
    problems: Vec<Problem>,
}

/// What a link's parameters say of the result it was made from, and what is wrong with that.
#[wasm_bindgen(unchecked_return_type = "LinkHeadline")]
pub fn headline(
    #[wasm_bindgen(unchecked_param_type = "Record<string, string>")] texts: JsValue,
) -> JsResult<JsValue> {
    let texts = texts_of(&texts)?;
    let problems = Headline::read(&texts).err().unwrap_or_default();
    let headline = Headline::names().filter_map(|name| Some((name, texts.get(name)?.clone()))).collect();
    Ok(object(&LinkHeadline { headline, problems }))
}

/// What is said of a finished run to whoever wants to repeat it.
#[wasm_bindgen(unchecked_return_type = "Reproduction")]
pub fn reproduction(#[wasm_bindgen(unchecked_param_type = "object")] run: JsValue) -> JsResult<JsValue> {
    Ok(object(&finished(&run)?.reproduction()))
}

/// The text of one of its files.
#[wasm_bindgen(js_name = runFile)]
pub fn run_file(
    #[wasm_bindgen(unchecked_param_type = "object")] run: JsValue,
    what: &str,
) -> JsResult<String> {
    finished(&run)?.file(what).map_err(thrown)
}

/// What a link promised beside a finished run.
#[wasm_bindgen(js_name = compareHeadline, unchecked_return_type = "Comparison")]
pub fn compare_headline(
    #[wasm_bindgen(unchecked_param_type = "Record<string, string>")] headline: JsValue,
    #[wasm_bindgen(unchecked_param_type = "object")] run: JsValue,
) -> JsResult<JsValue> {
    let comparison = finished(&run)?.compare(&texts_of(&headline)?).map_err(thrown)?;
    Ok(object(&comparison))
}

/// For which libraries there are programs of an analysis.
#[wasm_bindgen(js_name = scriptLibraries, unchecked_return_type = "Library[]")]
pub fn script_libraries(analysis: &str) -> JsValue {
    object(&Library::of(analysis))
}

/// A program with its parts, which are files by their names. Throws where one is missing.
#[wasm_bindgen(js_name = scriptText)]
pub fn script_text(
    #[wasm_bindgen(unchecked_param_type = "Script")] script: JsValue,
    #[wasm_bindgen(unchecked_param_type = "ScriptForm")] form: JsValue,
    #[wasm_bindgen(unchecked_param_type = "Record<string, string>")] parts: JsValue,
) -> JsResult<String> {
    let (script, form): (Script, ScriptForm) = (read(&script)?, read(&form)?);
    let parts = texts_of(&parts)?;
    script.write(form, |name| parts.get(name).map(String::as_str)).map_err(thrown)
}

fn finished(run: &JsValue) -> JsResult<Finished> {
    Finished::read(read(run)?).map_err(thrown)
}
