use patchbay::device::ComputeDevice;
use patchbay::model::Gpt2Config;
use patchbay::weights::WeightReader;
use serde_json::{Value, json};

use super::{file, parts};
use crate::fixture::{CONFIG, WEIGHTS, refusal};

/// What is said of the fixture with a change to its header.
fn with_header(change: impl Fn(&mut Value)) -> String {
    let mut header: Value = serde_json::from_str(parts().0).unwrap();
    change(&mut header);
    refusal(CONFIG, &file(&header.to_string(), parts().1))
}

#[test]
fn what_is_no_header_is_refused() {
    assert!(refusal(CONFIG, &u64::MAX.to_le_bytes()).contains("found data of another kind"));
    assert!(refusal(CONFIG, &100_000_001_u64.to_le_bytes()).contains("found data of another kind"));
    assert!(refusal(CONFIG, &100_000_000_u64.to_le_bytes()).contains("is cut short"));
    let html = refusal(CONFIG, b"<!DOCTYPE html><html></html>");
    assert!(html.contains("not a safetensors file") && html.contains("an HTML page"), "{html}");
    // As a length, the first bytes of some gzip data would do.
    let gzip = refusal(CONFIG, b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xed\xbd");
    assert!(gzip.contains("gzip data"), "{gzip}");
    assert!(refusal(CONFIG, &file("", b"")).contains("empty header"));
    for header in ["nonsense", "[]", " {}"] {
        assert!(refusal(CONFIG, &file(header, b"")).contains("not a safetensors file"), "{header}");
    }
    for header in [
        "{} {}",
        r#"{"wte.weight":{"dtype":"F32","shape":[2],"data_offsets":[0,-8]}}"#,
        r#"{"wte.weight":{"dtype":"F32","shape":[2],"data_offsets":[0,8,16]}}"#,
        r#"{"wte.weight":{"dtype":"F32","shape":[18446744073709551616],"data_offsets":[0,8]}}"#,
        r#"{"wte.weight":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}}"#,
        r#"{"wte.weight":{"dtype":"F32","dtype":"F16","shape":[2],"data_offsets":[0,8]}}"#,
    ] {
        let message = refusal(CONFIG, &file(header, b""));
        assert!(message.contains("broken header"), "{header}: {message}");
        assert_eq!(message.contains("wte.weight"), header.contains("wte.weight"), "{message}");
    }
    let nested = format!(r#"{{"wte.weight":{}"#, "[".repeat(1_000_000));
    assert!(refusal(CONFIG, &file(&nested, b"")).contains("broken header"));
}

#[test]
fn names_given_twice_are_refused() {
    let (header, data) = parts();
    let entry = r#""ln_f.bias":{"dtype":"F32","shape":[32],"data_offsets":[0,128]}"#;
    for twice in [entry.to_owned(), entry.replace("ln_f", "transformer.ln_f")] {
        let message = refusal(CONFIG, &file(&header.replacen('{', &format!("{{{twice},"), 1), data));
        assert!(message.contains("ln_f.bias is there twice"), "{message}");
    }
    let metadata = r#"{"__metadata__":{},"__metadata__":{},"#;
    let message = refusal(CONFIG, &file(&header.replacen('{', metadata, 1), data));
    assert!(message.contains("__metadata__ is given twice"), "{message}");
}

#[test]
fn offsets_that_do_not_line_up_are_refused() {
    // The first two tensors of the file.
    let header: Value = serde_json::from_str(parts().0).unwrap();
    let tensors = header.as_object().unwrap().iter().filter(|(name, _)| *name != "__metadata__");
    let mut places: Vec<(u64, u64, &str)> = tensors
        .map(|(name, info)| {
            let offset = |i: usize| info["data_offsets"][i].as_u64().unwrap();
            (offset(0), offset(1), name.as_str())
        })
        .collect();
    places.sort_unstable();
    let [(_, _, first), (begin, end, second), ..] = places[..] else { panic!("two tensors") };
    let with = |name: &str, begin: u64, end: u64| {
        with_header(|header| header[name]["data_offsets"] = json!([begin, end]))
    };
    let overlap = with(second, begin - 4, end - 4);
    assert!(overlap.contains(&format!("{first} and {second} overlap")), "{overlap}");
    let gap = with(second, begin + 4, end + 4);
    assert!(gap.contains(&format!("{first} and {second} leave a gap")), "{gap}");
    let backwards = with(second, end, begin);
    assert!(backwards.contains("before its beginning"), "{backwards}");
    let longer = with(second, begin, end + 4);
    assert!(longer.contains(&format!("{second} has {} bytes", end + 4 - begin)), "{longer}");
    let far = with(second, u64::MAX - (end - begin), u64::MAX);
    assert!(far.contains("overlap") || far.contains("leave a gap"), "{far}");
}

#[test]
fn sizes_that_cannot_be_are_refused() {
    // What is passed over may be of any type and shape, but not of more bytes than there are.
    let passed = |name: &str| {
        with_header(|header| {
            header[name] = json!({ "dtype": "Q7", "shape": [u64::MAX], "data_offsets": [0, u64::MAX] });
        })
    };
    for name in ["h.0.attn.masked_bias", "score.weight"] {
        assert!(passed(name).contains("overlap"), "{name}");
    }
    let huge = with_header(|header| header["wte.weight"]["shape"] = json!([u64::MAX, u64::MAX]));
    assert!(huge.contains("wte.weight has the shape"), "{huge}");
    let typed = with_header(|header| header["wte.weight"]["dtype"] = json!("Q7"));
    assert!(typed.contains("wte.weight is stored as Q7; expected F32, F16, BF16 or F64"), "{typed}");
}

#[test]
fn masks_of_layers_there_are_not_are_refused() {
    for name in ["h.3.attn.bias", "h.+0.attn.bias", "h.00.attn.bias"] {
        let message = with_header(|header| {
            header[name] = json!({ "dtype": "F32", "shape": [0], "data_offsets": [0, 0] });
        });
        assert!(message.contains(&format!("has a tensor {name}")), "{message}");
    }
}

#[test]
fn long_names_make_no_long_messages() {
    let long = "x".repeat(1_000_000);
    let entry = json!({ "dtype": long, "shape": [long], "data_offsets": [0, 0] });
    let named =
        with_header(|header| header[&long] = json!({ "dtype": "F32", "shape": [], "data_offsets": [0, 4] }));
    let typed = with_header(|header| header["wte.weight"]["dtype"] = json!(long));
    let broken = with_header(|header| header["wte.weight"] = entry.clone());
    let config = refusal(&CONFIG.replace("\"gpt2\"", &format!("\"{long}\"")), WEIGHTS);
    for message in [named, typed, broken, config] {
        assert!(message.len() < 1000, "{} bytes", message.len());
    }
}

#[test]
fn nothing_is_made_of_a_file_after_an_error() {
    let config = Gpt2Config::from_json(CONFIG).unwrap();
    let mut reader = WeightReader::new(config, ComputeDevice::cpu().burn);
    let mut broken = WEIGHTS.to_vec();
    let last = broken.len() - 4;
    broken[last..].copy_from_slice(&f32::NAN.to_le_bytes());
    let error = reader.push(&broken).unwrap_err();
    assert!(error.to_string().contains("must be finite"), "{error}");
    assert_eq!(reader.push(WEIGHTS), Err(error.clone()));
    assert_eq!(reader.finish().unwrap_err(), error);
}
