//! Which received records are to be acknowledged (RFC 9147 7).

use alloc::vec::Vec;

use crate::wire::RecordNumber;

/// How many record numbers are remembered. Thirty-two records of an MTU of 512 carry 14 kB of
/// handshake, more than any flight but the largest; of a longer flight the newest count.
pub const MAX_ACKED: usize = 32;

/// Numbers of handshake records received, in ascending order.
#[derive(Debug, Default)]
pub struct AckList {
    numbers: Vec<RecordNumber>,
}

impl AckList {
    /// Adds a number; the lowest falls out when there are too many.
    pub fn insert(&mut self, number: RecordNumber) {
        if let Err(at) = self.numbers.binary_search(&number) {
            self.numbers.insert(at, number);
            if self.numbers.len() > MAX_ACKED {
                self.numbers.remove(0);
            }
        }
    }

    /// Forgets everything: what was received is acknowledged by what is sent next.
    pub fn clear(&mut self) {
        self.numbers = Vec::new();
    }

    /// Whether there is nothing to acknowledge.
    pub const fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// The newest `count` numbers, ascending.
    pub fn newest(&self, count: usize) -> &[RecordNumber] {
        let skip = self.numbers.len().saturating_sub(count);
        self.numbers.get(skip..).unwrap_or(&[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// req: 9147-7-02, 9147-7.1-08
        #[test]
        fn numbers_are_ascending_unique_and_the_newest(numbers in proptest::collection::vec((0_u64..4, 0_u64..40), 0..80)) {
            let mut list = AckList::default();
            for (epoch, sequence) in &numbers {
                list.insert(RecordNumber::new(*epoch, *sequence));
            }
            let kept = list.newest(MAX_ACKED);
            prop_assert!(kept.windows(2).all(|w| w[0] < w[1]));
            prop_assert!(kept.len() <= MAX_ACKED);
            if numbers.len() <= MAX_ACKED {
                prop_assert!(numbers.iter().all(|(e, s)| kept.contains(&RecordNumber::new(*e, *s))));
            }
            prop_assert_eq!(list.newest(1).last(), kept.last());
        }
    }
}
