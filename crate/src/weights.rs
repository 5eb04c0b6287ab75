//! From a checkpoint's bytes to a processed [`Gpt2`], tensor by tensor as the bytes arrive.
//!
//! | checkpoint (Hugging Face)         | shape             | becomes                                        |
//! |-----------------------------------|-------------------|------------------------------------------------|
//! | `wte.weight`                      | [vocab, d_model]  | `wte`; tied: `ln_f.mean_row`                   |
//! | `lm_head.weight`                  | [vocab, d_model]  | `lm_head`, `ln_f.mean_row`; nothing if wte's   |
//! | `wpe.weight`                      | [n_ctx, d_model]  | `wpe`, rows centred                            |
//! | `h.{l}.ln_1.{weight,bias}`        | [d_model]         | folded into `c_attn`                           |
//! | `h.{l}.attn.c_attn.{weight,bias}` | [d_model, 3 d_model] | `attn.c_attn`                               |
//! | `h.{l}.attn.c_proj.{weight,bias}` | [d_model, d_model] | `attn.c_proj`, centred                        |
//! | `h.{l}.ln_2.{weight,bias}`        | [d_model]         | folded into `c_fc`                             |
//! | `h.{l}.mlp.c_fc.{weight,bias}`    | [d_model, d_mlp]  | `mlp.c_fc`                                     |
//! | `h.{l}.mlp.c_proj.{weight,bias}`  | [d_mlp, d_model]  | `mlp.c_proj`, centred                          |
//! | `ln_f.{weight,bias}`              | [d_model]         | `ln_f`                                         |
//! | `h.{l}.attn.{bias,masked_bias}`   | any               | passed over: causal mask buffers               |
//! | what GPT-2 has no place for       | any               | passed over, and named in a note               |
//!
//! A checkpoint may be in several files, and its names may have what wrappers add to them ([`names`]).

mod header;
mod index;
mod names;
mod numbers;
mod parts;
mod pieces;
mod process;
mod reader;
mod tensors;

pub use crate::wrong_file::CONVERT;
pub(crate) use header::{Entry, Offsets, listing};
pub use index::shard_files;
pub(crate) use numbers::{Float, Numbers};
pub use reader::{LoadProgress, WeightReader};
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use tensors::of_tied as tied_tensors;

/// Rows of a token each are read, and held, in chunks of at most this many bytes in float32; and this much may be
/// set aside for what a file only announces.
pub(crate) const MAX_CHUNK_BYTES: usize = 64 << 20;
