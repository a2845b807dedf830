//! Which bytes of a message are there: disjoint ranges in order.

use alloc::vec::Vec;
use core::ops::Range;

/// A set of byte positions, kept as sorted ranges that neither touch nor overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RangeSet {
    ranges: Vec<Range<u32>>,
}

impl RangeSet {
    /// Adds a range; ranges it touches become one with it.
    pub fn insert(&mut self, mut new: Range<u32>) {
        if new.is_empty() {
            return;
        }
        let first = self.ranges.partition_point(|r| r.end < new.start);
        let last = self.ranges.partition_point(|r| r.start <= new.end);
        if let Some(touched) = self.ranges.get(first..last) {
            for range in touched {
                new.start = new.start.min(range.start);
                new.end = new.end.max(range.end);
            }
        }
        self.ranges.splice(first..last, [new]);
    }

    /// Whether all of `0..len` is in the set.
    pub fn covers(&self, len: u32) -> bool {
        len == 0 || self.ranges.first().is_some_and(|r| r.start == 0 && r.end >= len)
    }

    /// The part of `range` that is in the set, piece by piece.
    pub fn overlaps(&self, range: Range<u32>) -> impl Iterator<Item = Range<u32>> + '_ {
        self.ranges
            .iter()
            .map(move |r| r.start.max(range.start)..r.end.min(range.end))
            .filter(|r| !r.is_empty())
    }

    /// The first range at or behind `from` and below `len` that is not in the set.
    pub fn first_gap(&self, from: u32, len: u32) -> Option<Range<u32>> {
        let mut start = from;
        for range in &self.ranges {
            if range.start > start {
                let end = range.start.min(len);
                return (start < end).then_some(start..end);
            }
            start = start.max(range.end);
        }
        (start < len).then_some(start..len)
    }

    /// How many separate ranges there are.
    pub const fn pieces(&self) -> usize {
        self.ranges.len()
    }

    /// Whether nothing is in the set.
    pub const fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_range_set_is_a_set_of_positions(inserts in proptest::collection::vec((0_u32..60, 0_u32..20), 0..20), from in 0_u32..80) {
            let mut set = RangeSet::default();
            let mut model = [false; 80];
            for (start, len) in inserts {
                set.insert(start..start + len);
                model[start as usize..(start + len) as usize].fill(true);
            }
            for len in 0..80_u32 {
                prop_assert_eq!(set.covers(len), model[..len as usize].iter().all(|b| *b));
            }
            let gap = set.first_gap(from, 80);
            let start = (from..80).find(|i| !model[*i as usize]);
            prop_assert_eq!(gap.as_ref().map(|g| g.start), start);
            if let Some(gap) = gap {
                prop_assert!(gap.clone().all(|i| !model[i as usize]));
                prop_assert!(gap.end == 80 || model[gap.end as usize]);
            }
            let overlap: u32 = set.overlaps(10..50).map(|r| r.end - r.start).sum();
            prop_assert_eq!(overlap as usize, model[10..50].iter().filter(|b| **b).count());
            prop_assert!(set.ranges.windows(2).all(|w| w[0].end < w[1].start));
        }
    }
}
