//! What loading takes beyond the weights themselves, counted at the allocator: for a checkpoint that loads,
//! and for files that announce more than they hold.

#![cfg(not(target_arch = "wasm32"))]

mod counting;

use std::sync::{Mutex, MutexGuard, PoisonError};

use burn::module::Module;
use counting::peak;
use patchbay::device::ComputeDevice;
use patchbay::model::Gpt2Config;
use patchbay::weights::WeightReader;

/// Tests of one file run side by side; these count for the whole process, so each holds this from its beginning.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

const MB: usize = 1_000_000;

fn config(n_layer: usize, n_embd: usize, vocab_size: usize) -> Gpt2Config {
    Gpt2Config::from_json(format!(
        r#"{{"n_layer":{n_layer},"n_head":1,"n_embd":{n_embd},"n_ctx":64,"vocab_size":{vocab_size},"layer_norm_epsilon":1e-5}}"#
    ))
    .unwrap()
}

/// The file's length and header, and how many bytes of data follow.
fn header(config: &Gpt2Config) -> (Vec<u8>, usize) {
    let d = config.n_embd;
    let mut tensors = vec![("wpe.weight".to_owned(), vec![config.n_ctx, d])];
    for layer in 0..config.n_layer {
        for (name, input, output) in [
            ("attn.c_attn", d, 3 * d),
            ("attn.c_proj", d, d),
            ("mlp.c_fc", d, 4 * d),
            ("mlp.c_proj", 4 * d, d),
        ] {
            tensors.push((format!("h.{layer}.{name}.weight"), vec![input, output]));
            tensors.push((format!("h.{layer}.{name}.bias"), vec![output]));
        }
        for name in ["ln_1.weight", "ln_1.bias", "ln_2.weight", "ln_2.bias"] {
            tensors.push((format!("h.{layer}.{name}"), vec![d]));
        }
    }
    for (name, shape) in
        [("ln_f.weight", vec![d]), ("ln_f.bias", vec![d]), ("wte.weight", vec![config.vocab_size, d])]
    {
        tensors.push((name.to_owned(), shape));
    }
    let mut end = 0;
    let mut entry = |(name, shape): (String, Vec<usize>)| {
        let first = end;
        end += 4 * shape.iter().product::<usize>();
        format!(r#""{name}":{{"dtype":"F32","shape":{shape:?},"data_offsets":[{first},{end}]}}"#)
    };
    let listed: Vec<String> = tensors.into_iter().map(&mut entry).collect();
    let json = format!("{{{}}}", listed.join(","));
    ([&(json.len() as u64).to_le_bytes(), json.as_bytes()].concat(), end)
}

#[test]
fn loading_takes_little_beyond_the_weights() {
    let _alone = alone();
    // wte is more than one chunk of 64 MiB.
    let config = config(3, 512, 42_000);
    let (header, data) = header(&config);
    let weights = 4 * config.parameters() as usize;
    assert!(weights > 120 * MB && data == weights);
    let chunk = [0; 65_537];
    let (peak, model) = peak(|| {
        let mut reader = WeightReader::new(config, ComputeDevice::cpu().burn);
        reader.push(&header).unwrap();
        let mut left = data;
        while left > 0 {
            let now = left.min(chunk.len());
            reader.push(&chunk[..now]).unwrap();
            left -= now;
        }
        reader.finish().unwrap().0
    });
    // All of it is there, but for the LayerNorms that were folded.
    assert!(model.num_params() * 4 > weights - MB);
    let beyond = peak - weights;
    println!("peak {peak} bytes, weights {weights}, beyond them {beyond}");
    // The page may take 64 MB beyond the weights; the rest of it is JavaScript's.
    assert!(beyond < 4 * MB, "{beyond} bytes beyond the weights");
}

#[test]
fn a_file_that_only_announces_takes_one_chunk_at_most() {
    let _alone = alone();
    // 3.2 GB of weights in the header, wpe and a kilobyte of an 805 MB c_attn in the file.
    let config = config(1, 8192, 1000);
    let (header, _) = header(&config);
    let data = vec![0; 4 * config.n_ctx * config.n_embd + 1000];
    let (peak, result) = peak(|| {
        let mut reader = WeightReader::new(config, ComputeDevice::cpu().burn);
        reader.push(&header).unwrap();
        reader.push(&data).unwrap();
        reader.finish().map(drop)
    });
    assert!(result.unwrap_err().to_string().contains("is cut short"));
    // One chunk of 64 MiB, and what has arrived.
    assert!(peak < (64 << 20) + 8 * MB, "{peak} bytes");
}

#[test]
fn a_header_takes_what_has_arrived_of_it() {
    let _alone = alone();
    let config = config(2, 8, 16);
    let announced = 100_000_000_u64.to_le_bytes();
    let (short, _) = peak(|| {
        let mut reader = WeightReader::new(config.clone(), ComputeDevice::cpu().burn);
        reader.push(&announced).unwrap();
        reader.push(b"{").unwrap();
    });
    assert!(short < MB, "{short} bytes");

    // What a header may hold: names, numbers and nesting without end, where a map would take many times the
    // header's own size.
    let entry = |i: usize| format!(r#""h.{i}.attn.bias":{{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#);
    let many = (0..30_000).map(entry).collect::<Vec<_>>().join(",");
    // Which are passed over, if all the rest is right; here it is not there.
    let leftover = |i: usize| format!(r#""s{i}":{{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#);
    let leftovers = (0..30_000).map(leftover).collect::<Vec<_>>().join(",");
    for header in [
        format!("{{{many}}}"),
        format!("{{{leftovers}}}"),
        format!(r#"{{"wte.weight":{{"dtype":"F32","shape":[{}0],"data_offsets":[0,0]}}}}"#, "0,".repeat(MB)),
        format!(r#"{{"__metadata__":{}{}}}"#, "[".repeat(MB), "]".repeat(MB)),
        format!(r#"{{"{}":0}}"#, "x".repeat(2 * MB)),
    ] {
        let file = [&(header.len() as u64).to_le_bytes(), header.as_bytes()].concat();
        let (peak, result) =
            peak(|| WeightReader::new(config.clone(), ComputeDevice::cpu().burn).push(&file));
        assert!(result.is_err());
        assert!(peak < 4 * file.len() + MB, "{peak} bytes for a header of {}", file.len());
    }
}
