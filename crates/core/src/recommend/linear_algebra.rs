//! The inverse of a symmetric positive definite matrix, by Gauss and Jordan, a block of rows at a time; and what such
//! matrices are made of.
//!
//! In blocks nearly all of the work is products of matrices, which `matrixmultiply` does at the speed of the processor; a
//! positive definite matrix needs no pivots.

use rayon::prelude::*;

/// Rows in a block.
const BLOCK: usize = 64;

/// Puts the inverse of the `n` by `n` matrix `a` (row by row) in its place.
///
/// # Panics
/// When `a` does not have `n * n` numbers.
pub fn invert(a: &mut [f64], n: usize) {
    assert_eq!(a.len(), n * n, "a square matrix");
    for first in (0..n).step_by(BLOCK) {
        let width = BLOCK.min(n - first);
        let pivot = inverted_block(a, n, first, width);
        // The columns of the block, with nothing in its own rows: those are replaced, not reduced.
        let mut left: Vec<f64> = a.chunks(n).flat_map(|row| row[first..first + width].to_vec()).collect();
        left[first * width..(first + width) * width].fill(0.0);
        let mut rows = vec![0.0; width * n];
        add_product(&mut rows, &pivot, &a[first * n..(first + width) * n], [width, width, n], 1.0);
        for (row, pivot) in rows.chunks_mut(n).zip(pivot.chunks(width)) {
            row[first..first + width].copy_from_slice(pivot);
        }
        a.chunks_mut(n).for_each(|row| row[first..first + width].fill(0.0));
        let part = n.div_ceil(rayon::current_num_threads()).max(BLOCK);
        a.par_chunks_mut(part * n).zip(left.par_chunks(part * width)).for_each(|(a, left)| {
            add_product(a, left, &rows, [left.len() / width, width, n], -1.0);
        });
        a[first * n..(first + width) * n].copy_from_slice(&rows);
    }
}

/// The inverse of a block on the diagonal, by itself.
fn inverted_block(a: &[f64], n: usize, first: usize, width: usize) -> Vec<f64> {
    let rows = a[first * n..(first + width) * n].chunks(n);
    let mut block: Vec<f64> = rows.flat_map(|row| row[first..first + width].to_vec()).collect();
    for k in 0..width {
        let pivot = 1.0 / block[k * width + k];
        let mut row: Vec<f64> = block[k * width..(k + 1) * width].iter().map(|value| value * pivot).collect();
        row[k] = pivot;
        for (_, other) in block.chunks_mut(width).enumerate().filter(|(i, _)| *i != k) {
            let factor = std::mem::take(&mut other[k]);
            other.iter_mut().zip(&row).for_each(|(value, above)| *value -= factor * above);
        }
        block[k * width..(k + 1) * width].copy_from_slice(&row);
    }
    block
}

/// `c += sign * a * b`, for `a` of `m` by `k` and `b` of `k` by `n`, all row by row.
fn add_product(c: &mut [f64], a: &[f64], b: &[f64], [m, k, n]: [usize; 3], sign: f64) {
    assert!(a.len() == m * k && b.len() == k * n && c.len() == m * n, "sizes that fit");
    // SAFETY: the lengths are those that the sizes and strides reach, and `c` is borrowed alone.
    unsafe {
        let (k1, n1) = (k as isize, n as isize);
        matrixmultiply::dgemm(m, k, n, sign, a.as_ptr(), k1, 1, b.as_ptr(), n1, 1, 1.0, c.as_mut_ptr(), n1, 1);
    }
}

/// Adds `scale * row * row'` to a block of a matrix of `n` columns.
pub fn add_outer(block: &mut [f64], n: usize, row: &[f64], scale: f64) {
    for (line, left) in block.chunks_mut(n).zip(row) {
        line.iter_mut().zip(row).for_each(|(cell, right)| *cell += scale * left * right);
    }
}

pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_inverse_is_the_one_worked_out_by_hand() {
        let mut a = [4.0, 2.0, 2.0, 3.0];
        invert(&mut a, 2);
        for (value, expected) in a.iter().zip([3.0 / 8.0, -2.0 / 8.0, -2.0 / 8.0, 4.0 / 8.0]) {
            assert!((value - expected).abs() < 1e-12, "{a:?}");
        }
    }

    #[test]
    fn a_matrix_of_several_blocks_times_its_inverse_is_one() {
        let n = 2 * BLOCK + 17;
        let number = |k: usize| ((k * 7919) % 101) as f64 / 101.0 - 0.5;
        let half: Vec<f64> = (0..n * n).map(number).collect();
        let mut a: Vec<f64> =
            (0..n * n).map(|k| (0..n).map(|j| half[(k / n) * n + j] * half[(k % n) * n + j]).sum::<f64>()).collect();
        (0..n).for_each(|k| a[k * n + k] += 1.0);
        let mut inverse = a.clone();
        invert(&mut inverse, n);
        let mut one = vec![0.0; n * n];
        add_product(&mut one, &a, &inverse, [n, n, n], 1.0);
        for (k, value) in one.iter().enumerate() {
            let expected = if k / n == k % n { 1.0 } else { 0.0 };
            assert!((value - expected).abs() < 1e-8, "{} {}: {value}", k / n, k % n);
        }
    }
}
