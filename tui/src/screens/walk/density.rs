//! How much goes on at each moment of a trace, and where it fails: what the minimap draws.

/// Stretches of time that are told apart: more than any terminal has columns for.
const STRETCHES: usize = 512;

/// Spans under way and failures in each of many equal stretches of a trace.
#[derive(Debug, Clone, Default)]
pub(super) struct Density {
    under_way: Vec<u32>,
    failed: Vec<bool>,
}

impl Density {
    /// The density of spans with start, end, and whether they failed, in a trace of that length.
    pub(super) fn new(spans: impl Iterator<Item = (u64, u64, bool)>, length_ns: u64) -> Self {
        let stretch = |at_ns: u64| {
            let place = u128::from(at_ns) * STRETCHES as u128 / u128::from(length_ns.max(1));
            usize::try_from(place)
                .unwrap_or(STRETCHES)
                .min(STRETCHES - 1)
        };
        // What begins and what ends; their running difference is what is under way.
        let mut begun = vec![0u32; STRETCHES];
        let mut ended = vec![0u32; STRETCHES];
        let mut failed = vec![false; STRETCHES];
        let count = |list: &mut Vec<u32>, at: usize| {
            if let Some(number) = list.get_mut(at) {
                *number = number.saturating_add(1);
            }
        };
        for (start, end, is_error) in spans {
            let (first, last) = (stretch(start), stretch(end.max(start)));
            count(&mut begun, first);
            count(&mut ended, last + 1);
            if let Some(flag) = failed.get_mut(last).filter(|_| is_error) {
                *flag = true;
            }
        }
        let mut now = 0u32;
        let under_way = begun
            .iter()
            .zip(&ended)
            .map(|(begun, ended)| {
                now = now.saturating_add(*begun).saturating_sub(*ended);
                now
            })
            .collect();
        Self { under_way, failed }
    }

    /// For each of that many columns: how full it is from zero to eight, and whether anything
    /// failed in it. What happens at all is never drawn as nothing.
    pub(super) fn columns(&self, columns: u16) -> impl Iterator<Item = (usize, bool)> + '_ {
        let most = self.under_way.iter().max().copied().unwrap_or(0).max(1);
        let columns = usize::from(columns).max(1);
        (0..columns).map(move |column| {
            let from = column * STRETCHES / columns;
            let to = ((column + 1) * STRETCHES / columns).max(from + 1);
            let part = self.under_way.get(from..to).unwrap_or_default();
            let number = part.iter().max().copied().unwrap_or(0);
            let failed = self.failed.get(from..to).unwrap_or_default();
            // By its logarithm: one call must be seen beside a thousand at once.
            let height = match number {
                0 => 0,
                _ => 1 + (number.ilog2() as usize * 7) / (most.ilog2() as usize).max(1),
            };
            (height.min(8), failed.contains(&true))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_under_way_is_counted_in_its_columns() {
        let spans = [(0, 100, false), (50, 60, false), (52, 60, true)];
        let density = Density::new(spans.into_iter(), 100);
        let columns: Vec<(usize, bool)> = density.columns(10).collect();
        assert_eq!(columns.first(), Some(&(1, false)));
        assert_eq!(columns.get(5), Some(&(8, false)));
        assert_eq!(
            columns.get(6),
            Some(&(8, true)),
            "the failure is told at its end"
        );
        assert_eq!(columns.get(9), Some(&(1, false)));
    }

    #[test]
    fn an_empty_trace_is_empty_at_any_width() {
        let density = Density::new(std::iter::empty(), 0);
        assert!(density.columns(400).all(|column| column == (0, false)));
        assert_eq!(density.columns(400).count(), 400);
    }
}
