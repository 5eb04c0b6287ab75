#![no_main]
//! config.json, the header and the data of a checkpoint, in one file or two.

use arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use patchbay::device::ComputeDevice;
use patchbay::model::Gpt2Config;
use patchbay::weights::WeightReader;
use patchbay::{Error, ErrorKind};

/// The files as the loader sees them.
#[derive(Debug)]
struct Checkpoint {
    config: String,
    weights: Vec<u8>,
    /// A second file's.
    more: Option<Vec<u8>>,
    /// Bytes that arrive at a time; 0: all.
    chunk: usize,
}

/// One thing wrong, or merely unusual, with a checkpoint that is otherwise fine.
#[derive(Debug, Arbitrary)]
enum Edit {
    Drop(u8),
    Repeat(u8),
    Rename(u8, u8),
    Dtype(u8, u8),
    Shape(u8, Vec<u64>),
    Begin(u8, u64),
    End(u8, u64),
    Swap(u8, u8),
    Prefix(u8),
    Mask(u8, u8),
    Leftover(u8),
    Unembedding(u8),
    Exact,
    Scaled,
    Split(u8),
    Value(u16, u32),
    Cut(u16),
    Append(Vec<u8>),
}

#[derive(Clone)]
struct Tensor {
    name: String,
    dtype: &'static str,
    shape: Vec<u64>,
    offsets: (u64, u64),
}

const FLOATS: [(&str, u64); 4] = [("F32", 4), ("F16", 2), ("BF16", 2), ("F64", 8)];
const DTYPES: [(&str, u64); 6] = [("F32", 4), ("F16", 2), ("BF16", 2), ("BOOL", 1), ("F64", 8), ("Q7", 1)];

impl<'a> Arbitrary<'a> for Checkpoint {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        if u.arbitrary::<u8>()? % 2 == 0 { written(u) } else { edited(u) }
    }
}

/// As bytes, of which libFuzzer knows what they lead to. The header's length is right unless it is to lie,
/// so that a header of another length is still read.
fn written(u: &mut Unstructured) -> Result<Checkpoint> {
    let mut part = || -> Result<Vec<u8>> {
        let length: u16 = u.arbitrary()?;
        Ok(u.bytes(usize::from(length).min(u.len()))?.to_vec())
    };
    let (config, header) = (part()?, part()?);
    let length = match u.arbitrary::<u8>()? {
        255 => u.arbitrary()?,
        _ => header.len() as u64,
    };
    let chunk: u8 = u.arbitrary()?;
    let data = u.bytes(u.len())?;
    Ok(Checkpoint {
        config: String::from_utf8_lossy(&config).into_owned(),
        weights: [&length.to_le_bytes(), header.as_slice(), data].concat(),
        more: None,
        chunk: chunk.into(),
    })
}

/// A valid checkpoint with edits.
fn edited(u: &mut Unstructured) -> Result<Checkpoint> {
    let (n_layer, d, n_ctx, vocab): (u64, u64, u64, u64) =
        (u.int_in_range(1..=2)?, u.int_in_range(1..=3)?, u.int_in_range(1..=3)?, u.int_in_range(1..=4)?);
    let (dtype, bytes) = FLOATS[u.int_in_range(0..=3_usize)?];
    let inner: u64 = u.int_in_range(1..=5)?;
    let chunk: u8 = u.arbitrary()?;
    let edits: Vec<Edit> = u.arbitrary()?;

    let mut tensors: Vec<Tensor> = Vec::new();
    let mut add = |name: String, shape: &[u64]| {
        let first = tensors.last().map_or(0, |last| last.offsets.1);
        let offsets = (first, first + bytes * shape.iter().product::<u64>());
        tensors.push(Tensor { name, dtype, shape: shape.to_vec(), offsets });
    };
    add("wte.weight".into(), &[vocab, d]);
    add("wpe.weight".into(), &[n_ctx, d]);
    for layer in 0..n_layer {
        for (name, input, output) in [
            ("attn.c_attn", d, 3 * d),
            ("attn.c_proj", d, d),
            ("mlp.c_fc", d, inner),
            ("mlp.c_proj", inner, d),
        ] {
            add(format!("h.{layer}.{name}.weight"), &[input, output]);
            add(format!("h.{layer}.{name}.bias"), &[output]);
        }
        for name in ["ln_1", "ln_2"] {
            add(format!("h.{layer}.{name}.weight"), &[d]);
            add(format!("h.{layer}.{name}.bias"), &[d]);
        }
    }
    add("ln_f.weight".into(), &[d]);
    add("ln_f.bias".into(), &[d]);

    let mut data = vec![0; tensors.last().map_or(0, |last| last.offsets.1) as usize];
    let mut cut = 0;
    let mut split = None;
    let mut settings = String::new();
    for edit in edits {
        let count = tensors.len();
        let at = |place: u8| usize::from(place) % count;
        match edit {
            Edit::Drop(place) if count > 1 => drop(tensors.remove(at(place))),
            Edit::Drop(_) => {}
            Edit::Repeat(place) => tensors.push(tensors[at(place)].clone()),
            Edit::Rename(to, from) => tensors[at(to)].name = tensors[at(from)].name.clone(),
            Edit::Dtype(place, dtype) => {
                tensors[at(place)].dtype = DTYPES[usize::from(dtype) % DTYPES.len()].0;
            }
            Edit::Shape(place, shape) => tensors[at(place)].shape = shape,
            Edit::Begin(place, byte) => tensors[at(place)].offsets.0 = byte,
            Edit::End(place, byte) => tensors[at(place)].offsets.1 = byte,
            Edit::Swap(one, other) => tensors.swap(at(one), at(other)),
            Edit::Prefix(place) => {
                let wrapper = ["transformer.", "module.", "_orig_mod.", "other."][usize::from(place) % 4];
                tensors[at(place)].name.insert_str(0, wrapper);
            }
            Edit::Leftover(size) => {
                let first = data.len() as u64;
                let offsets = (first, first + u64::from(size));
                data.resize(offsets.1 as usize, 7);
                tensors.push(Tensor { name: format!("score.{size}"), dtype: "Q7", shape: vec![9], offsets });
            }
            // Zeros, as wte's are before they are edited, or not.
            Edit::Unembedding(value) => {
                let first = data.len() as u64;
                let offsets = (first, first + bytes * vocab * d);
                data.resize(offsets.1 as usize, value & 1);
                tensors.push(Tensor { name: "lm_head.weight".into(), dtype, shape: vec![vocab, d], offsets });
            }
            Edit::Exact => settings.push_str(r#","activation_function":"gelu""#),
            Edit::Scaled => settings.push_str(r#","scale_attn_by_inverse_layer_idx":true"#),
            Edit::Split(place) => split = Some(at(place)),
            Edit::Mask(layer, dtype) => {
                let (dtype, size) = DTYPES[usize::from(dtype) % DTYPES.len()];
                let first = data.len() as u64;
                let offsets = (first, first + size * n_ctx * n_ctx);
                data.resize(offsets.1 as usize, 255);
                let name = format!("h.{layer}.attn.bias");
                tensors.push(Tensor { name, dtype, shape: vec![1, 1, n_ctx, n_ctx], offsets });
            }
            Edit::Value(place, bits) => {
                let place = usize::from(place) % data.len();
                for (to, from) in data[place..].iter_mut().zip(bits.to_le_bytes()) {
                    *to = from;
                }
            }
            Edit::Cut(bytes) => cut = bytes.into(),
            Edit::Append(bytes) => data.extend(bytes),
        }
    }
    // The second file's offsets are the first's: wrong, unless it begins there.
    let more = split.map(|at| {
        let rest = tensors.split_off(at.min(tensors.len()));
        let start = rest.first().map_or(0, |tensor| tensor.offsets.0);
        let moved = rest.into_iter().map(|Tensor { name, dtype, shape, offsets: (first, behind) }| Tensor {
            offsets: (first.wrapping_sub(start), behind.wrapping_sub(start)),
            name,
            dtype,
            shape,
        });
        let start = usize::try_from(start).map_or(data.len(), |start| start.min(data.len()));
        file(&moved.collect::<Vec<_>>(), &data.split_off(start))
    });
    let mut weights = file(&tensors, &data);
    weights.truncate(weights.len().saturating_sub(cut));
    let config = format!(
        r#"{{"n_layer":{n_layer},"n_head":1,"n_embd":{d},"n_ctx":{n_ctx},"n_inner":{inner},"vocab_size":{vocab},"layer_norm_epsilon":1e-5{settings}}}"#
    );
    Ok(Checkpoint { config, weights, more, chunk: chunk.into() })
}

/// A safetensors file.
fn file(tensors: &[Tensor], data: &[u8]) -> Vec<u8> {
    let listed = tensors.iter().map(|Tensor { name, dtype, shape, offsets: (first, behind) }| {
        format!(r#""{name}":{{"dtype":"{dtype}","shape":{shape:?},"data_offsets":[{first},{behind}]}}"#)
    });
    let header = format!("{{{}}}", listed.collect::<Vec<_>>().join(","));
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
}

fn load(Checkpoint { config, weights, more, chunk }: &Checkpoint) -> std::result::Result<(), Error> {
    let mut reader = WeightReader::new(Gpt2Config::from_json(config)?, ComputeDevice::cpu().burn);
    let push = |reader: &mut WeightReader, file: &[u8]| {
        let chunk = if *chunk == 0 { file.len().max(1) } else { *chunk };
        file.chunks(chunk).try_for_each(|chunk| reader.push(chunk))
    };
    if more.is_some() {
        reader.next_file("first.safetensors")?;
    }
    push(&mut reader, weights)?;
    if let Some(more) = more {
        reader.next_file("second.safetensors")?;
        push(&mut reader, more)?;
    }
    let progress = reader.progress();
    let notes = reader.notes();
    let (mut gpt2, _) = reader.finish()?;
    assert_eq!(progress.total, Some(progress.bytes));
    assert!(notes.iter().all(|note| note.len() < 2000), "{notes:?}");
    pollster::block_on(gpt2.tie_if_equal())
}

fuzz_target!(|checkpoint: Checkpoint| {
    if let Err(error) = load(&checkpoint) {
        assert_eq!(error.kind(), ErrorKind::BadModel);
        let message = error.to_string();
        assert!(message.len() < 2000, "{message}");
    }
});
