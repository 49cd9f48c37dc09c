//! Whether a difference may be chance.

/// The probability that two samples of one kind differ as much as these or more: the rank-sum
/// test of Mann and Whitney, by the normal approximation with a correction for ties and for
/// continuity. One where either is empty or all values are equal.
///
/// Zeros are given as counts, because most traces have nothing at most places.
pub(super) fn rank_sum(one: &[u64], one_count: usize, other: &[u64], other_count: usize) -> f64 {
    let zeros = |values: &[u64], count: usize| {
        let positive = values.iter().filter(|value| **value > 0).count();
        count.saturating_sub(positive)
    };
    let (first, second) = (one_count as f64, other_count as f64);
    let all = first + second;
    let mut values: Vec<(u64, bool)> = one
        .iter()
        .map(|value| (*value, true))
        .chain(other.iter().map(|value| (*value, false)))
        .filter(|(value, _)| *value > 0)
        .collect();
    values.sort_unstable();
    // The zeros are the first ties.
    let (zeros_one, zeros_other) = (zeros(one, one_count), zeros(other, other_count));
    let tied = (zeros_one + zeros_other) as f64;
    let mut ranks = zeros_one as f64 * f64::midpoint(tied, 1.0);
    let mut ties = tied.powi(3) - tied;
    let mut before = tied;
    for same in values.chunk_by(|a, b| a.0 == b.0) {
        let count = same.len() as f64;
        let own = same.iter().filter(|(_, is_first)| *is_first).count() as f64;
        ranks += own * (before + f64::midpoint(count, 1.0));
        ties += count.powi(3) - count;
        before += count;
    }
    let expected = first * second / 2.0;
    let found = ranks - first * (first + 1.0) / 2.0;
    let variance = first * second / 12.0 * (all + 1.0 - ties / (all * (all - 1.0)).max(1.0));
    if first == 0.0 || second == 0.0 || variance <= 0.0 {
        return 1.0;
    }
    let distance = ((found - expected).abs() - 0.5).max(0.0) / variance.sqrt();
    (2.0 * upper_tail(distance)).min(1.0)
}

/// The share of a normal distribution above a value that is not negative (Abramowitz and
/// Stegun, formula 26.2.17; off by less than 7.5e-8).
fn upper_tail(value: f64) -> f64 {
    let t = 1.0 / 0.231_641_9f64.mul_add(value, 1.0);
    let density = (-value * value / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let coefficients = [
        1.330_274_429,
        -1.821_255_978,
        1.781_477_937,
        -0.356_563_782,
        0.319_381_530,
    ];
    let sum = coefficients
        .iter()
        .fold(0.0_f64, |sum, coefficient| sum.mul_add(t, *coefficient));
    density * sum * t
}

/// From probabilities of chance to the share of false discoveries if this one and all better
/// ones are believed (Benjamini and Hochberg, 1995).
pub(super) fn false_discovery_rates(chances: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..chances.len()).collect();
    let chance = |place: usize| chances.get(place).copied().unwrap_or(1.0);
    order.sort_by(|a, b| chance(*a).total_cmp(&chance(*b)));
    let mut rates = vec![1.0; chances.len()];
    let mut least = 1.0_f64;
    for (rank, place) in order.iter().enumerate().rev() {
        let rate = chance(*place) * chances.len() as f64 / (rank as f64 + 1.0);
        least = least.min(rate);
        if let Some(own) = rates.get_mut(*place) {
            *own = least;
        }
    }
    rates
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 5e-4, "{found} is not {expected}");
    }

    #[test]
    fn the_rank_sum_test_gives_known_values() {
        // By scipy.stats.mannwhitneyu, two-sided, asymptotic, with continuity.
        let (one, other) = ([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]);
        near(rank_sum(&one, 5, &other, 5), 0.0122);
        near(rank_sum(&one, 5, &one, 5), 1.0);
        // Zeros may be left out and given as counts.
        near(
            rank_sum(&[0, 0, 1], 3, &[0, 5, 6], 3),
            rank_sum(&[1], 3, &[5, 6], 3),
        );
        near(rank_sum(&[], 0, &other, 5), 1.0);
        near(rank_sum(&[], 4, &[], 5), 1.0);
    }

    #[test]
    fn tails_and_rates_are_those_of_the_tables() {
        near(upper_tail(0.0), 0.5);
        near(upper_tail(1.96), 0.025);
        let rates = false_discovery_rates(&[0.01, 0.04, 0.03, 0.5]);
        for (found, expected) in rates.into_iter().zip([0.04, 0.0533, 0.0533, 0.5]) {
            near(found, expected);
        }
    }
}
