@group(0) @binding(3) var<storage, read_write> y: array<vec4f>; // [rows, OUT]
@group(0) @binding(4) var<uniform> size: vec4u; // rows

/// GPT-2's GELU. The clamp is for GPUs whose tanh of a large argument is not a number.
fn finish(value: vec4f, at: u32) -> vec4f {
    let inner = (value + value * value * value * 0.044715) * 0.7978845608028654;
    return value * (tanh(clamp(inner, vec4f(-15.0), vec4f(15.0))) + 1.0) * 0.5;
}
