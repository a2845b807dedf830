//! A fork of a hash is independent of what it was forked from: the transcript is hashed on while
//! its value so far is taken again and again.

use dtls_crypto_api::HashAlgorithm;

use super::{distinct_bytes, hashes};
use crate::check::tally::{Case, During, Problem, Tally, Verdict, holds, same};

pub(in crate::check) fn forks(tally: &mut Tally<'_>) -> Verdict {
    let provider = tally.provider();
    let bytes = distinct_bytes(300);
    for algorithm in hashes(tally) {
        let start = || provider.hash(algorithm).during("hash");
        let of = |data: &[&[u8]]| {
            let mut hash = start()?;
            hash.update(&data.concat());
            Ok::<_, Problem>(hash.finish())
        };
        // Inside the first block, at its end, in the middle of a later one, and nothing at all.
        for len in [0, 1, block_len(algorithm) - 1, block_len(algorithm), 200] {
            let head = &bytes[..len];
            let case = Case::new(format_args!("{algorithm:?} forked after {len} bytes"));
            tally.vector(&case, || {
                let mut first = start()?;
                first.update(head);
                let mut second = first.fork();
                let third = second.fork();
                holds("the same hash", second.algorithm() == algorithm)?;
                first.update(b"one end");
                second.update(b"another, longer end");
                let mut fourth = second.fork();
                fourth.update(b" that goes on");
                same("the first", first.finish(), of(&[head, b"one end"])?)?;
                let other: &[u8] = b"another, longer end";
                // Its origin is gone by now.
                same("its fork", second.finish(), of(&[head, other])?)?;
                same("a fork left alone", third.finish(), of(&[head])?)?;
                same("a fork of the fork", fourth.finish(), of(&[head, other, b" that goes on"])?)
            });
        }
    }
    Ok(())
}

const fn block_len(algorithm: HashAlgorithm) -> usize {
    match algorithm {
        HashAlgorithm::Sha256 => 64,
        _ => 128,
    }
}
