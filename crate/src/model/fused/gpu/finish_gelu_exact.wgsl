@group(0) @binding(3) var<storage, read_write> y: array<vec4f>; // [rows, OUT]
@group(0) @binding(4) var<uniform> size: vec4u; // rows

/// The exact GELU, by the same error function as on the CPU.
fn finish(value: vec4f, at: u32) -> vec4f {
    return value * (0.5 + 0.5 * erf(value * 0.7071067811865476));
}

fn erf(value: vec4f) -> vec4f {
    let x = clamp(value, vec4f(-4.0), vec4f(4.0));
    let xx = x * x;
    var above = vec4f(-2.7261424e-10);
    above = above * xx + 2.7706814e-8;
    above = above * xx - 2.101024e-6;
    above = above * xx - 5.6925064e-5;
    above = above * xx - 7.3499064e-4;
    above = above * xx - 2.9546e-3;
    above = above * xx - 1.6096033e-2;
    var below = vec4f(-1.4566072e-5);
    below = below * xx - 2.1337406e-4;
    below = below * xx - 1.682827e-3;
    below = below * xx - 7.373329e-3;
    below = below * xx - 1.4264739e-2;
    return select(sign(value), x * above / below, abs(value) < vec4f(4.0));
}
