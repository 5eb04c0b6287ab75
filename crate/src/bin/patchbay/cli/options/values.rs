//! What the options' values may be.

use clap::ValueEnum;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DeviceChoice {
    /// A real GPU where there is one, else the CPU.
    Auto,
    Cpu,
    #[value(alias = "gpu")]
    Webgpu,
}

pub fn sha256(text: &str) -> Result<String, String> {
    if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(format!("expected 64 hexadecimal digits, found \"{text}\""))
    }
}
