//! Where the content of an inner plaintext ends and its padding begins (RFC 8446 5.4): found
//! without a branch or an index by any of its bytes, so that the time it takes says nothing about
//! how much padding hides the content's length.

use dtls_crypto_api::ConstantTimeEq;

const WORD: usize = 8;
/// Bytes that are looked at together. Fewer make a long plaintext slower, more a short one.
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
/// that the last byte.
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
        let mask = search.step(u64::from(next.iter().fold(0, |all, byte| all | byte)), number);
        for (kept, byte) in block.iter_mut().zip(next) {
            *kept |= byte & mask as u8;
        }
    };
    take(&padded, blocks.len());
    for (number, next) in blocks.iter().enumerate().rev() {
        take(next, number);
    }
    let block_at = search.at * BLOCK;

    let mut search = Search::default();
    let mut word = 0;
    for (number, next) in block.as_chunks::<WORD>().0.iter().enumerate().rev() {
        let next = u64::from_le_bytes(*next);
        word |= next & search.step(next, number);
    }
    let word_at = search.at * WORD;

    let mut search = Search::default();
    let mut content_type = 0;
    for (number, next) in word.to_le_bytes().into_iter().enumerate().rev() {
        content_type |= next & search.step(u64::from(next), number) as u8;
    }
    ContentEnd { content_len: block_at + word_at + search.at, content_type }
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
        let some = u64::from(value.ct_eq(&0).unwrap_u8()).wrapping_sub(1);
        let this = some & !self.over;
        self.over |= this;
        self.at |= number & this as usize;
        this
    }
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
