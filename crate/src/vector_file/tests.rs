use super::*;
use crate::ErrorKind;

fn npy(descr: &str, shape: &str, order: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), data].concat()
}

fn safetensors(header: &str, data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), data].concat()
}

fn bytes_of(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

const V: [f32; 3] = [1.5, -2.0, 0.25];

#[test]
fn every_format_and_type_gives_the_same_numbers() {
    let f64s: Vec<u8> = V.iter().flat_map(|&n| f64::from(n).to_le_bytes()).collect();
    let f16s: Vec<u8> = V.iter().flat_map(|&n| half::f16::from_f32(n).to_le_bytes()).collect();
    let bf16s: Vec<u8> = V.iter().flat_map(|&n| half::bf16::from_f32(n).to_le_bytes()).collect();
    let one = |dtype: &str, data: &[u8]| {
        let to = data.len();
        safetensors(&format!(r#"{{"v":{{"dtype":"{dtype}","shape":[3],"data_offsets":[0,{to}]}}}}"#), data)
    };
    for (file, tensor) in [
        (b" [1.5, -2, 0.25]".to_vec(), None),
        (npy("<f4", "(3,)", "False", &bytes_of(&V)), None),
        (npy("<f4", "(1, 3)", "True", &bytes_of(&V)), None),
        (npy("<f8", "(3,)", "False", &f64s), None),
        (npy("<f2", "(3L,)", "False", &f16s), None),
        (one("F32", &bytes_of(&V)), Some("v")),
        (one("F64", &f64s), Some("v")),
        (one("F16", &f16s), Some("v")),
        (one("BF16", &bf16s), Some("v")),
    ] {
        let read = VectorFile::open("a/b\\v.bin", &file).unwrap();
        let vector = read.vector(tensor, None).unwrap();
        assert_eq!(vector, read.vector(None, None).unwrap());
        assert_eq!(vector.numbers, V);
        assert_eq!((vector.file.as_str(), vector.tensor.as_deref(), vector.row), ("v.bin", tensor, None));
        let sha256: String = Sha256::digest(&file).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(vector.sha256, sha256);
    }
}

#[test]
fn a_row_of_several_is_named() {
    let six = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let file = npy("<f4", "(2, 3)", "False", &bytes_of(&six));
    let read = VectorFile::open("rows.npy", &file).unwrap();
    let vector = read.vector(None, Some(1)).unwrap();
    assert_eq!((&vector.numbers[..], vector.row), (&six[3..], Some(1)));
    assert_eq!(vector.to_string(), format!("rows.npy[1] (SHA-256 {})", &vector.sha256[..12]));
    let message = |row| read.vector(None, row).unwrap_err().to_string();
    assert_eq!(message(None), "rows.npy: it has 2 rows of 3 numbers; say which one is meant, from 0 to 1");
    assert_eq!(message(Some(2)), "rows.npy: expected a row from 0 to 1, found 2");
}

#[test]
fn a_tensor_of_several_is_named() {
    let header = r#"{"__metadata__":{"by":"me"},"b":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"a":{"dtype":"I64","shape":[1],"data_offsets":[12,20]}}"#;
    let file = safetensors(header, &[&bytes_of(&V)[..], &[0; 8]].concat());
    let read = VectorFile::open("two.safetensors", &file).unwrap();
    assert_eq!(read.vector(Some("b"), None).unwrap().numbers, V);
    let message = |tensor| read.vector(tensor, None).unwrap_err().to_string();
    assert_eq!(message(None), "two.safetensors: it has 2 tensors; name one: b, a");
    assert_eq!(message(Some("c")), "two.safetensors: it has no tensor \"c\"; it has b, a");
    assert_eq!(
        message(Some("a")),
        "two.safetensors: expected numbers of type F16, BF16, F32 or F64, found I64; convert them"
    );
}

/// Files that are wrong, and what is said of them.
#[test]
fn what_is_no_vector_is_refused_with_what_to_do() {
    let data = bytes_of(&V);
    let one = |info: &str| safetensors(&format!(r#"{{"v":{info}}}"#), &data);
    let mut long = safetensors("{}", &[]);
    long[0..8].copy_from_slice(&u64::MAX.to_le_bytes());
    let mut announced = safetensors("{}", &[]);
    announced[0..8].copy_from_slice(&900u64.to_le_bytes());
    let table: Vec<(Vec<u8>, &str)> = vec![
        (vec![], "the file is empty"),
        (b"PK\x03\x04rest".to_vec(), "found a zip archive"),
        (b"\x80\x02}q".to_vec(), "found a pickle"),
        (b"not a vector".to_vec(), "found neither of them"),
        (b"{}".to_vec(), "found neither of them"),
        (b"[1, 2".to_vec(), "no JSON array of numbers"),
        (b"[1, [2]]".to_vec(), "no JSON array of numbers"),
        (b"[]".to_vec(), "found shape [0]"),
        (b"[1e39]".to_vec(), "finite"),
        (b"[0, 0]".to_vec(), "all numbers of the vector are 0"),
        (long, "expected a header of at most"),
        (announced, "cut off"),
        (safetensors("{}", &[]), "there is no tensor in it"),
        (safetensors("{} x", &[]), "its header is broken"),
        (safetensors("{\"v\":", &[]), "its header is broken"),
        (safetensors(&"{\"v\":".repeat(500), &[]), "its header is broken"),
        (one(r#"{"dtype":"F32","shape":[3]}"#), "data_offsets"),
        (one(r#"{"dtype":"F32","shape":[-3],"data_offsets":[0,12]}"#), "its header is broken"),
        (
            one(
                r#"{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"v":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}"#,
            ),
            "given twice",
        ),
        (one(r#"{"dtype":"F32","shape":[4],"data_offsets":[0,16]}"#), "bytes 0 to 16 of 12"),
        (one(r#"{"dtype":"F32","shape":[3],"data_offsets":[12,0]}"#), "bytes 12 to 0"),
        (one(r#"{"dtype":"F32","shape":[2],"data_offsets":[0,12]}"#), "do not fit each other"),
        (
            one(r#"{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,12]}"#),
            "do not fit each other",
        ),
        (
            one(r#"{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,3],"data_offsets":[0,12]}"#),
            "more than 8 dimensions",
        ),
        (one(r#"{"dtype":"F32","shape":[],"data_offsets":[0,4]}"#), "found shape []"),
        (one(r#"{"dtype":"Q4","shape":[3],"data_offsets":[0,12]}"#), "found Q4"),
        (npy("<f4", "(3,)", "False", &data[..11]), "does not fit the 11 bytes"),
        (npy("<f4", "(2,)", "False", &data), "does not fit the 12 bytes"),
        (npy(">f4", "(3,)", "False", &data), "found \">f4\""),
        (npy("<i4", "(3,)", "False", &data), "found \"<i4\""),
        (npy("<f4", "(18446744073709551615, 3)", "False", &data), "does not fit"),
        (npy("<f4", "(99999999999999999999,)", "False", &data), "header cannot be read"),
        (npy("<f4", "(3,", "False", &data), "header cannot be read"),
        (npy("<f4", "(3,)", "Maybe", &data), "header cannot be read"),
        (npy("<f4", "(3,), 'shape': (3,)", "False", &data), "header cannot be read"),
        (npy("<f4', 'x': 'y", "(3,)", "False", &data), "header cannot be read"),
        (npy("<f4", "(2, 2)", "True", &bytes_of(&[1.0; 4])), "column by column"),
        (npy("<f4", "(2, 2, 2)", "False", &bytes_of(&[1.0; 8])), "found shape [2, 2, 2]"),
        (npy("<f4", "(0,)", "False", &[]), "found shape [0]"),
        (npy("<f4", "(3,)", "False", &bytes_of(&[1.0, f32::NAN, 1.0])), "found NaN at 1"),
        (npy("<f8", "(1,)", "False", &1e300f64.to_le_bytes()), "found inf at 0"),
        (b"\x93NUMPY".to_vec(), "ends in its header"),
        (b"\x93NUMPY\x01\x00\xff".to_vec(), "ends in its header"),
        (b"\x93NUMPY\x01\x00\xff\x00{".to_vec(), "ends in its header"),
        (b"\x93NUMPY\x09\x00\x00\x00".to_vec(), "found 9"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff".to_vec(), "expected a header of at most"),
    ];
    for (file, expected) in table {
        let read = VectorFile::open("odd.bin", &file).and_then(|file| file.vector(None, None));
        let error = read.expect_err(expected);
        assert_eq!(error.kind(), ErrorKind::BadInput);
        let message = error.to_string();
        assert!(message.starts_with("odd.bin: ") && message.contains(expected), "{expected}: {message}");
    }
}

/// Whatever is changed or missing in a good file, it is read or refused.
#[test]
fn no_byte_of_a_file_is_trusted() {
    let header = r#"{"v":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}"#;
    for whole in [safetensors(header, &bytes_of(&V)), npy("<f4", "(3,)", "False", &bytes_of(&V))] {
        for end in 0..whole.len() {
            let read = VectorFile::open("cut", &whole[..end]).and_then(|file| file.vector(None, None));
            assert!(read.is_err(), "{end} bytes");
        }
        for place in 0..whole.len() {
            for byte in [0, 1, b'9', b'"', b'}', 0x7f, 0xff] {
                let mut changed = whole.clone();
                changed[place] = byte;
                if let Ok(vector) = VectorFile::open("odd", &changed).and_then(|file| file.vector(None, None))
                {
                    assert!(vector.check().is_ok());
                }
            }
        }
    }
}

#[test]
fn what_a_link_says_of_a_vector_is_checked() {
    let good = FileVector {
        file: "v.npy".into(),
        tensor: None,
        row: None,
        sha256: "0".repeat(64),
        numbers: vec![1.0],
    };
    assert_eq!(good.check(), Ok(()));
    let odd = |change: fn(&mut FileVector)| {
        let mut odd = good.clone();
        change(&mut odd);
        odd.check().unwrap_err().to_string()
    };
    assert!(odd(|v| v.file = String::new()).contains("found 0"));
    assert!(odd(|v| v.tensor = Some("\u{202e}x".into())).contains("U+202E"));
    assert!(odd(|v| v.sha256 = "x".repeat(64)).contains("SHA-256"));
    assert!(odd(|v| v.numbers = vec![]).contains("found 0"));
    assert!(odd(|v| v.numbers = vec![f32::NAN]).contains("NaN"));
}
