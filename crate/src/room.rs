//! Whether a model has room where it is to run: what its shape needs of the program's memory, and of a GPU's buffers. All of it is
//! known from config.json, so that nobody downloads weights for which there is none.

use std::hint::black_box;

use crate::device::DeviceKind;
use crate::model::Gpt2Config;
use crate::weights::MAX_CHUNK_BYTES;
use crate::{Error, Result};

/// What there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    pub kind: DeviceKind,
    /// Bytes that the program can address; nothing where the machine's memory is the limit.
    pub memory: Option<u64>,
    /// Bytes of one buffer of a GPU.
    pub buffer: Option<u64>,
    /// Rows that the products of a pass have at most.
    pub rows: usize,
}

/// What a program can address: WebAssembly's addresses have 32 bits.
pub const MEMORY: Option<u64> = if cfg!(target_pointer_width = "32") { Some(1 << 32) } else { None };

/// The program with its data, the tokenizer, what is in memory of a download, and what is lost between allocations.
const PROGRAM: u64 = 64_000_000;

/// On a GPU: two that it is checked against, one that is read, and one that is sent, with its copy.
const BLOCKS_ON_THE_WAY: u64 = 5;

/// Of 64 rows at once, wherever the whole vocabulary is asked; and of each the probabilities and what they are compared with.
const LOGITS: u64 = 8 * 64;

const NATIVELY: &str =
    "run it natively, where the machine's memory is the limit: cargo run --release -- run --model OWNER/NAME";

const FLOAT: u64 = size_of::<f32>() as u64;

/// What a model needs of the program's memory, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// On a GPU what is here of them on their way there, if the file has one block after the other.
    pub weights: u64,
    /// The program, and a run.
    pub rest: u64,
}

impl Room {
    /// `own_unembedding`: there is an lm_head beside wte.
    pub fn need(&self, config: &Gpt2Config, own_unembedding: bool) -> Need {
        let embedding = FLOAT * config.embedding_parameters();
        let all = FLOAT * config.parameters() + if own_unembedding { embedding } else { 0 };
        let wpe = FLOAT * config.n_ctx as u64 * config.n_embd as u64;
        let weights = match self.kind {
            DeviceKind::Cpu => all,
            DeviceKind::Gpu => {
                let chunk = embedding.min(MAX_CHUNK_BYTES as u64);
                all.min(BLOCKS_ON_THE_WAY * FLOAT * config.block_parameters() + 2 * chunk + 2 * wpe)
            }
        };
        let run = match self.kind {
            DeviceKind::Cpu => self.of_a_run(config),
            DeviceKind::Gpu => 0,
        };
        Need { weights, rest: PROGRAM + run }
    }

    /// What the largest batch takes: of each row what one layer computes with, and what is kept of every layer; and the whole
    /// vocabulary's logits.
    fn of_a_run(&self, config: &Gpt2Config) -> u64 {
        let [rows, d, inner, n_layer, vocabulary] =
            [self.rows, config.n_embd, config.n_inner, config.n_layer, config.vocab_size].map(|n| n as u64);
        // A prompt longer than that is a batch by itself.
        let rows = rows.max(config.n_ctx as u64);
        FLOAT * (rows * ((12 + n_layer) * d + 2 * inner) + LOGITS * vocabulary)
    }

    /// The largest buffer that a GPU needs, in bytes, and what for.
    pub fn largest_buffer(&self, config: &Gpt2Config) -> (u64, &'static str) {
        let [rows, d, inner, n_ctx, vocabulary] =
            [self.rows, config.n_embd, config.n_inner, config.n_ctx, config.vocab_size].map(|n| n as u64);
        let chunk = (MAX_CHUNK_BYTES as u64).min(FLOAT * config.embedding_parameters());
        let buffers = [
            (FLOAT * d * inner.max(3 * d), "a layer's weights"),
            (FLOAT * rows.max(n_ctx) * inner.max(3 * d), "the numbers of a batch in a layer"),
            (FLOAT * n_ctx * d, "the weights of wpe"),
            (chunk, "the rows of a part of wte"),
            (FLOAT * 64 * vocabulary, "the logits of 64 rows"),
        ];
        buffers.into_iter().max_by_key(|&(bytes, _)| bytes).expect("there are some")
    }

    /// # Errors
    /// [`Error::Device`] if the model does not fit: what it needs, what there is, and what to do.
    pub fn check(&self, config: &Gpt2Config, own_unembedding: bool) -> Result<()> {
        let Need { weights, rest } = self.need(config, own_unembedding);
        if let Some(memory) = self.memory.filter(|&memory| weights + rest > memory) {
            let there_is = format!("a WebAssembly program can have {} at most", size(memory));
            return Err(self.lacks(weights, rest, &there_is));
        }
        let (bytes, what) = self.largest_buffer(config);
        match self.buffer.filter(|&most| bytes > most) {
            None => Ok(()),
            Some(most) => {
                let on_cpu = Self { kind: DeviceKind::Cpu, buffer: None, ..*self };
                let instead = match on_cpu.check(config, own_unembedding) {
                    Ok(()) => "Choose the CPU".to_owned(),
                    Err(_) => format!("Instead, {NATIVELY}"),
                };
                Err(Error::Device(format!(
                    "this model does not fit this GPU: {what} take a buffer of {}, and its buffers have {} at most. {instead}",
                    size(bytes),
                    size(most)
                )))
            }
        }
    }

    /// Has the memory grow to what the weights will take, so that where a browser does not give that it is said before they come.
    ///
    /// # Errors
    /// [`Error::Device`] as [`Room::check`].
    pub fn take(&self, config: &Gpt2Config) -> Result<()> {
        let Need { weights, rest } = self.need(config, false);
        if self.memory.is_none() || can_have(weights, PIECE) {
            return Ok(());
        }
        Err(self.lacks(
            weights,
            rest,
            "it is not given so much now: close other pages or programs, and reload this one",
        ))
    }

    fn lacks(&self, weights: u64, rest: u64, there_is: &str) -> Error {
        let needed = size(weights + rest);
        Error::Device(match self.kind {
            DeviceKind::Cpu => format!(
                "this model does not fit the CPU's memory here: it needs {needed}, its weights alone {} in float32, and {there_is}. \
                 It may fit a GPU, where the weights do not stay in that memory; or {NATIVELY}",
                size(weights)
            ),
            DeviceKind::Gpu => format!(
                "this model does not fit the program's memory: on the way to the GPU it needs {needed}, and {there_is}. Instead, {NATIVELY}"
            ),
        })
    }
}

/// What is asked for at once: about as much as one of a layer's weights.
const PIECE: usize = 16 << 20;

/// Whether so much can be had, in pieces. It is given back, and a WebAssembly memory stays as large as it has become.
fn can_have(bytes: u64, piece_bytes: usize) -> bool {
    let mut pieces = Vec::new();
    (0..bytes).step_by(piece_bytes).all(|from| {
        let size = (bytes - from).min(piece_bytes as u64) as usize;
        let mut piece = Vec::<u8>::new();
        let had = piece.try_reserve_exact(size).is_ok();
        // Or the compiler leaves out what nobody uses.
        pieces.push(black_box(piece));
        had
    })
}

fn size(bytes: u64) -> String {
    if bytes < 1_000_000_000 {
        format!("{} MB", bytes / 1_000_000)
    } else {
        format!("{:.1} GB", bytes as f64 / 1e9)
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    const PAGE: Room = Room { kind: DeviceKind::Cpu, memory: Some(1 << 32), buffer: None, rows: 1536 };
    /// With the least that WebGPU promises of a buffer.
    const GPU: Room =
        Room { kind: DeviceKind::Gpu, memory: Some(1 << 32), buffer: Some(128 << 20), rows: 4096 };

    fn gpt2([n_layer, n_head, n_embd]: [usize; 3]) -> Gpt2Config {
        Gpt2Config::from_json(format!(r#"{{"n_layer":{n_layer},"n_head":{n_head},"n_embd":{n_embd}}}"#))
            .unwrap()
    }

    const SMALL: [usize; 3] = [12, 12, 768];
    const MEDIUM: [usize; 3] = [24, 16, 1024];
    const LARGE: [usize; 3] = [36, 20, 1280];
    const XL: [usize; 3] = [48, 25, 1600];

    #[test]
    fn a_page_on_the_cpu_has_room_for_all_but_xl() {
        for shape in [SMALL, MEDIUM, LARGE] {
            // Also where the unembedding is not tied.
            for own_unembedding in [false, true] {
                PAGE.check(&gpt2(shape), own_unembedding).unwrap();
            }
        }
        let error = PAGE.check(&gpt2(XL), false).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::DeviceError);
        let said = error.to_string();
        for words in [
            "needs 7.1 GB",
            "weights alone 6.2 GB",
            "4.3 GB at most",
            "It may fit a GPU",
            "cargo run --release",
        ] {
            assert!(said.contains(words), "{said}");
        }
    }

    #[test]
    fn natively_there_is_no_bound() {
        assert_eq!(MEMORY, None);
        Room { memory: None, ..PAGE }.check(&gpt2(XL), true).unwrap();
    }

    #[test]
    fn the_least_gpu_takes_every_gpt_2_and_little_memory_on_the_way() {
        for shape in [SMALL, MEDIUM, LARGE, XL] {
            let config = gpt2(shape);
            GPU.check(&config, true).unwrap();
            let Need { weights, rest } = GPU.need(&config, true);
            assert!(weights + rest < 1_000_000_000, "{shape:?}");
        }
        let (bytes, what) = GPU.largest_buffer(&gpt2(XL));
        assert_eq!((bytes, what), (4 * 4096 * 6400, "the numbers of a batch in a layer"));
        let said = |shape| GPU.check(&gpt2(shape), false).unwrap_err().to_string();
        assert_eq!(
            said([1, 16, 3072]),
            "this model does not fit this GPU: the numbers of a batch in a layer take a buffer of 201 MB, and its buffers have 134 MB at most. Choose the CPU"
        );
        let neither = said([1, 16, 6144]);
        assert!(neither.contains("a layer's weights take a buffer of 603 MB"), "{neither}");
        assert!(neither.contains("at most. Instead, run it natively"), "{neither}");
    }

    #[test]
    fn an_lm_head_of_its_own_counts() {
        let config = gpt2(SMALL);
        let [tied, own] = [false, true].map(|own| PAGE.need(&config, own).weights);
        assert_eq!([tied, own], [497_759_232, 497_759_232 + 154_389_504]);
    }

    #[test]
    fn memory_that_is_not_given_is_missed() {
        PAGE.take(&gpt2(SMALL)).unwrap();
        assert!(can_have(3 * PIECE as u64, PIECE));
        assert!(!can_have(1 << 62, isize::MAX as usize));
    }
}
