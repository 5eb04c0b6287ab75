//! What the options' values may be. An error is what was expected, without the rest of the sentence.

use clap::ValueEnum;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Side {
    Queries,
    Keys,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Substitute {
    /// The query by W_U[IO].
    #[value(name = "w-u-io")]
    WUIo,
    /// The keys by what MLP_0 writes at IO and S1.
    Mlp0,
    /// The keys by the names' token embeddings.
    #[value(name = "w-e")]
    WE,
    /// The keys by the names' effective embeddings.
    #[value(name = "w-ee")]
    WEe,
    /// The keys by MLP_0's part of those.
    #[value(name = "w-ee-only-mlps")]
    WEeOnlyMlps,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Project {
    /// Queries.
    #[value(name = "w-u-io")]
    WUIo,
    /// Keys.
    Mlp0,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Embedding {
    /// Token embeddings.
    #[value(name = "w-e")]
    WE,
    /// What layer 0 makes of them.
    #[value(name = "w-ee")]
    WEe,
    /// MLP_0's part of that.
    #[value(name = "w-ee-only-mlps")]
    WEeOnlyMlps,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DeviceChoice {
    /// A real GPU where there is one, else the CPU.
    Auto,
    Cpu,
    #[value(alias = "gpu")]
    Webgpu,
}

pub fn layer_and_head(text: &str) -> Result<[usize; 2], String> {
    let numbers =
        text.split_once('.').and_then(|(layer, head)| Some([layer.parse().ok()?, head.parse().ok()?]));
    numbers.ok_or_else(|| "a layer and a head, as 9.9".to_owned())
}

pub fn sha256(text: &str) -> Result<String, String> {
    if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("64 hexadecimal digits".to_owned())
    }
}
