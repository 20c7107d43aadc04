//! Summaries of a series of numbers.

/// Mean of the values; 0 of none.
pub fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len().max(1) as f32
}

/// Standard deviation of the values (of the population); 0 of none.
pub fn deviation(values: &[f32]) -> f32 {
    let centre = mean(values);
    (values.iter().map(|value| (value - centre).powi(2)).sum::<f32>() / values.len().max(1) as f32).sqrt()
}

/// Third standardised moment: above 0 where a few values lie far above the mean. 0 where all values are equal.
pub fn skewness(values: &[f32]) -> f32 {
    let (centre, spread) = (mean(values), deviation(values) + 1e-6);
    values.iter().map(|value| ((value - centre) / spread).powi(3)).sum::<f32>() / values.len().max(1) as f32
}

/// Standard deviation of the step from each value to the next.
pub fn step_deviation(values: &[f32]) -> f32 {
    deviation(&values.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<_>>())
}

/// The values below which these shares of all values lie, in the order of `shares`, interpolated between neighbours; zeros of none.
pub fn quantiles<const N: usize>(values: &[f32], shares: [f32; N]) -> [f32; N] {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    shares.map(|share| {
        let place = share * sorted.len().saturating_sub(1) as f32;
        let at = |index: usize| sorted.get(index).or(sorted.last()).copied().unwrap_or(0.0);
        at(place as usize) + place.fract() * (at(place as usize + 1) - at(place as usize))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_neighbours_and_nothing_gives_zeros() {
        assert_eq!(quantiles(&[3.0, 1.0, 2.0, 4.0], [0.0, 0.5, 1.0]), [1.0, 2.5, 4.0]);
        assert_eq!(quantiles(&[], [0.1]), [0.0]);
        assert_eq!((mean(&[]), deviation(&[]), skewness(&[]), step_deviation(&[1.0])), (0.0, 0.0, 0.0, 0.0));
    }

    #[test]
    fn a_rare_high_value_skews_upwards() {
        assert!(skewness(&[0.0, 0.0, 0.0, 0.0, 9.0]) > 1.0 && skewness(&[0.0, 9.0, 9.0, 9.0, 9.0]) < -1.0);
        assert!(skewness(&[5.0; 4]).abs() < 1e-3);
    }
}
