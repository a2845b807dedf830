//! Where the content of an inner plaintext ends and its padding begins (RFC 8446 5.4): found
//! without a branch or an index by any of its bytes, so that the time it takes says nothing about
//! how much padding hides the content's length.

use core::hint::black_box;

const WORD: usize = 8;
/// Bytes that are looked at together, as vector code. Fewer make a long plaintext slower, more a
/// short one.
const BLOCK: usize = 128;

/// What an inner plaintext ends with, padding apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ContentEnd {
    /// Length in bytes of the content, which is where its type stands. Zero without a type.
    pub(super) content_len: usize,
    /// The content type; zero when all of it is padding.
    pub(super) content_type: u8,
}

/// Finds the last byte that is not zero: the last block that has one, in it the last word, in
/// that the last byte. This is done for every record that is received.
pub(super) fn content_end(inner: &[u8]) -> ContentEnd {
    let (blocks, rest) = inner.as_chunks::<BLOCK>();
    // How long the rest is, is public.
    let mut padded = [0; BLOCK];
    if let Some(begin) = padded.get_mut(..rest.len()) {
        begin.copy_from_slice(rest);
    }
    let mut search = Search::default();
    let mut block = [0; BLOCK];
    let mut take = |next: &[u8; BLOCK], number| {
        let any = next.iter().fold(0, |any, byte| any | byte);
        let mask = search.step(any.into(), number) as u8;
        for (kept, byte) in block.iter_mut().zip(next) {
            *kept |= byte & mask;
        }
    };
    take(&padded, blocks.len());
    for (number, next) in blocks.iter().enumerate().rev() {
        take(next, number);
    }
    let block_at = search.at;

    let mut search = Search::default();
    let mut word = 0;
    for (number, next) in block.as_chunks::<WORD>().0.iter().enumerate().rev() {
        let next = u64::from_le_bytes(*next);
        word |= next & search.step(next, number);
    }
    let word_at = search.at;

    let mut byte_at = 0;
    for half in [4, 2, 1] {
        // The upper half if there is something in it, or else the lower one, which is the rest.
        let upper = word >> (8 * half);
        let mask = ones_unless_zero(upper);
        word = (upper & mask) | (word & !mask);
        byte_at |= half & mask;
    }
    let content_len = block_at * BLOCK + word_at * WORD + byte_at as usize;
    ContentEnd { content_len, content_type: word as u8 }
}

/// A search from the end for the first thing that is not zero.
#[derive(Default)]
struct Search {
    /// All ones once it was found.
    over: u64,
    /// Its number.
    at: usize,
}

impl Search {
    /// All ones if this is it. Every step takes as long as any other.
    fn step(&mut self, value: u64, number: usize) -> u64 {
        let this = ones_unless_zero(value) & !self.over;
        self.over |= this;
        self.at |= number & this as usize;
        this
    }
}

/// All bits, or none for zero. The optimiser must not learn that there are only these two, or it
/// may make a branch of what follows.
fn ones_unless_zero(value: u64) -> u64 {
    black_box((value | value.wrapping_neg()) >> (u64::BITS - 1)).wrapping_neg()
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
        for len in [0, 1, 2, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK + 3] {
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
