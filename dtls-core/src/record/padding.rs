//! Where the content of an inner plaintext ends and its padding begins (RFC 8446 5.4): found
//! without a branch or an index by any of its bytes, so that the time it takes says nothing about
//! how much padding hides the content's length.

use core::hint::black_box;

/// What an inner plaintext ends with, padding apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ContentEnd {
    /// Length in bytes of the content, which is where its type stands. Zero without a type.
    pub(super) content_len: usize,
    /// The content type; zero when all of it is padding.
    pub(super) content_type: u8,
}

/// The longest text that [`content_end`] looks through: its pairs of bytes are counted in an `i16`.
pub(super) const MAX_INNER_LEN: usize = 0x7000;

/// Finds the last byte that is not zero, in the first [`MAX_INNER_LEN`]. This is done for every
/// record that is received, so it is written as two loops that become vector code: pairs of bytes
/// and their numbers have the same width.
pub(super) fn content_end(inner: &[u8]) -> ContentEnd {
    let inner = inner.get(..MAX_INNER_LEN).unwrap_or(inner);
    let (pairs, rest) = inner.as_chunks();
    // What is left over, which is public, makes the last pair together with a zero.
    let last_pair = [rest.first().copied().unwrap_or_default(), 0];
    let last_number = (pairs.len() as u16).cast_signed() + 1;

    // Counted from one: nothing was found at zero.
    let mut number = if_not(0, i16::from_le_bytes(last_pair), last_number);
    for (at, pair) in (1..).zip(pairs) {
        number = number.max(if_not(0, i16::from_le_bytes(*pair), at));
    }
    let number = black_box(number);
    let mut pair = !if_not(number, last_number, -1) & i16::from_le_bytes(last_pair);
    for (at, next) in (1..).zip(pairs) {
        pair |= !if_not(number, at, -1) & i16::from_le_bytes(*next);
    }

    let [lower, upper] = black_box(pair).to_le_bytes();
    let upper_counts = u8::from(upper != 0);
    let content_type = upper | (lower & upper_counts.wrapping_sub(1));
    let pairs_before = number - (1 & if_not(0, number, -1));
    let content_len = 2 * usize::from(pairs_before.cast_unsigned()) + usize::from(upper_counts);
    ContentEnd { content_len, content_type }
}

/// `value` if the others differ, zero if they are equal.
fn if_not(one: i16, other: i16, value: i16) -> i16 {
    i16::from(one != other).wrapping_neg() & value
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    /// The same with branches.
    fn by_looking(inner: &[u8]) -> ContentEnd {
        match inner.iter().rposition(|byte| *byte != 0) {
            Some(at) => ContentEnd { content_len: at, content_type: inner[at] },
            None => ContentEnd { content_len: 0, content_type: 0 },
        }
    }

    #[test]
    fn the_end_is_found_at_every_place() {
        for len in [0, 1, 2, 15, 16, 17, 643] {
            assert_eq!(content_end(&vec![0; len]), by_looking(&vec![0; len]));
            for at in 0..len {
                let mut inner = vec![0; len];
                inner[..at].fill(0xff);
                inner[at] = 23;
                let want = ContentEnd { content_len: at, content_type: 23 };
                assert_eq!(content_end(&inner), want, "{at} of {len}");
            }
        }
    }

    proptest! {
        #[test]
        fn it_is_found_in_any_plaintext(
            content in proptest::collection::vec(any::<u8>(), 0..300),
            padding in 0_usize..300,
        ) {
            let mut inner: Vec<u8> = content;
            inner.resize(inner.len() + padding, 0);
            prop_assert_eq!(content_end(&inner), by_looking(&inner));
        }
    }
}
