//! Bounds of exponentials and logarithms, made of a division and a few multiplications: to rule out at a glance what need not be
//! worked out.

/// Not below `exp(x)`, for `x` up to 0: one over the first terms of `exp(-x)`. Within 0.002 down to -0.5.
pub fn exp_at_most(x: f32) -> f32 {
    1.0 / (1.0 - x * (1.0 - x * (0.5 - x * (1.0 / 6.0))))
}

/// Not below `ln(x)`, for `x` from 0 to 1: the first terms of `2 artanh((x - 1) / (x + 1))`. Within 0.002 down to 0.5.
pub fn ln_at_most(x: f32) -> f32 {
    let z = (x - 1.0) / (x + 1.0);
    let square = z * z;
    2.0 * z * (1.0 + square * (1.0 / 3.0 + square * (1.0 / 5.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_are_never_below_and_near_where_songs_fit() {
        for n in 0..=1000 {
            let part = n as f32 / 1000.0;
            assert!(exp_at_most(-20.0 * part) + 1e-6 >= (-20.0 * part).exp(), "{part}");
            assert!(ln_at_most(part) + 1e-6 >= part.ln(), "{part}");
        }
        assert!(exp_at_most(-0.5) - (-0.5_f32).exp() < 0.002 && ln_at_most(0.5) - 0.5_f32.ln() < 0.002);
    }
}
