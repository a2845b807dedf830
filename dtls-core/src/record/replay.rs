//! The sliding window that lets each record number through once (RFC 9147 4.5.1, RFC 4303 3.4.3).
//!
//! Epoch 0 has none: its records can be forged, and a forged number would move the window. What
//! is repeated there is found by its message number.

/// Numbers behind the highest that are still told apart. Twice what RFC 4303 asks for at least,
/// which covers the reordering of a batch of segments on one path.
pub const WINDOW: u64 = 128;

/// One epoch's window: the next number above all seen, and a bit for each of the [`WINDOW`]
/// numbers below it (bit 0 is the highest seen).
#[derive(Clone, Copy, Debug, Default)]
pub struct ReplayWindow {
    next: u64,
    seen: u128,
}

impl ReplayWindow {
    /// The highest number let through so far.
    pub const fn highest(&self) -> Option<u64> {
        self.next.checked_sub(1)
    }

    /// Whether `number` is new: not seen, and not too old to tell.
    pub const fn is_new(&self, number: u64) -> bool {
        if number >= self.next {
            return true;
        }
        let age = self.next - 1 - number;
        age < WINDOW && (self.seen >> age) & 1 == 0
    }

    /// Marks `number` as seen. Only for records that have authenticated.
    pub const fn mark(&mut self, number: u64) {
        if number >= self.next {
            let shift = number - self.next;
            // Moving by the whole window or more forgets everything.
            self.seen = if shift >= WINDOW - 1 { 0 } else { self.seen << (shift + 1) };
            self.seen |= 1;
            self.next = number.saturating_add(1);
        } else {
            let age = self.next - 1 - number;
            if age < WINDOW {
                self.seen |= 1 << age;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;
    use proptest::prelude::*;

    /// req: 9147-4.5.1-03, 9147-4.5.1-07, 9147-4.5.1-06
    #[test]
    fn the_window_has_a_left_edge() {
        let mut window = ReplayWindow::default();
        assert!(window.is_new(0));
        window.mark(WINDOW);
        assert!(!window.is_new(0), "left of the window");
        assert!(window.is_new(1), "the oldest number inside");
        window.mark(1);
        assert!(!window.is_new(1));
        assert_eq!(window.highest(), Some(WINDOW));
    }

    proptest! {
        /// req: 9147-4.5.1-01, 9147-4.5.1-04
        #[test]
        fn each_number_passes_once(steps in proptest::collection::vec(0_u64..400, 1..400)) {
            let mut window = ReplayWindow::default();
            let mut seen = BTreeSet::new();
            for number in steps {
                let highest = seen.last().copied();
                let too_old = highest.is_some_and(|h: u64| number + WINDOW <= h);
                prop_assert_eq!(window.is_new(number), !too_old && !seen.contains(&number));
                if window.is_new(number) {
                    window.mark(number);
                    seen.insert(number);
                }
                prop_assert_eq!(window.highest(), seen.last().copied());
            }
        }
    }
}
