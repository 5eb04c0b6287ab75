//! What the options' values may be.

use clap::ValueEnum;
use patchbay::bench::checkpoint::Shape;

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

pub fn shape(text: &str) -> Result<Shape, String> {
    match text {
        "small" => Ok(Shape::Small),
        "medium" => Ok(Shape::Medium),
        "large" => Ok(Shape::Large),
        _ => Err(format!("expected small, medium or large, found \"{text}\"")),
    }
}
