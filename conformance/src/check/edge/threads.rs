//! Several threads at one provider, at one key and at one envelope, all at once.

use std::sync::Barrier;
use std::thread;

use dtls_crypto_api::{CryptoProvider, Envelope, KeyKind, SigningKey};

use super::{Keys, distinct_bytes, hashes};
use crate::check::tally::{Case, During, Problem, Tally, Verdict, same, wrong};

const THREADS: usize = 4;
const ROUNDS: u64 = 40;

pub(in crate::check) fn threads(tally: &mut Tally<'_>) -> Verdict {
    let provider = tally.provider();
    let capabilities = provider.capabilities();

    let hashes = hashes(tally);
    together(tally, "hashing", |thread| {
        for hash in hashes.iter().copied() {
            let data = distinct_bytes(1000 + thread * 7);
            let mut whole = provider.hash(hash).during("hash")?;
            whole.update(&data);
            let mut pieces = provider.hash(hash).during("hash")?;
            data.chunks(13).for_each(|piece| pieces.update(piece));
            same("digest", pieces.finish(), whole.finish())?;
        }
        Ok(())
    });

    for suite in &capabilities.cipher_suites {
        let Some(aead) = suite.id.aead() else { continue };
        together(tally, format_args!("records of {}", suite.id), |thread| {
            let keys = Keys { iv: [thread as u8; 12], ..Keys::new(aead) };
            let (mut sealer, mut opener) = (keys.sealer(provider)?, keys.opener(provider)?);
            let plaintext = distinct_bytes(100 + thread);
            for number in 0..ROUNDS {
                let mut buf = [&plaintext[..], &vec![0; aead.tag_len()]].concat();
                sealer.seal(number, b"header", &mut buf).during("seal")?;
                let len = opener.open(number, b"header", &mut buf).during("open")?;
                same("plaintext", &buf[..len], &plaintext)?;
            }
            Ok(())
        });
    }

    for group in &capabilities.groups {
        let group = group.id;
        together(tally, format_args!("key exchange with {group}"), |_| {
            let client = provider.start_key_exchange(group).during("client's share")?;
            let server = provider.encapsulate(group, client.share()).during("server")?;
            let secret = client.complete(&server.share).during("client")?;
            same("secret", secret.expose(), server.secret.expose())
        });
    }

    let kinds = capabilities.generate.iter().map(|offered| offered.id);
    for kind in kinds.filter(|kind| !matches!(kind, KeyKind::Rsa(_))) {
        let key = provider.generate_private_key(kind).during("generate")?.key;
        together(tally, format_args!("one key of {kind:?}"), |thread| {
            signs(provider, &*key, &distinct_bytes(50 + thread))
        });
    }

    let envelope = provider.envelope(&[0x42; 32]).during("envelope")?;
    together(tally, "one envelope", |thread| seals(&*envelope, &distinct_bytes(80 + thread)));
    Ok(())
}

/// Runs the test in all threads, which begin at the same moment. Each counts.
fn together(
    tally: &mut Tally<'_>,
    name: impl std::fmt::Display,
    test: impl Fn(usize) -> Verdict + Sync,
) {
    let barrier = Barrier::new(THREADS);
    let run = |thread: usize| {
        barrier.wait();
        test(thread)
    };
    let run = &run;
    let verdicts: Vec<Verdict> = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || run(thread))).collect();
        let panicked = |_| Err(wrong("no panic", "a panic in a thread", "an answer"));
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(panicked)).collect()
    });
    for (thread, verdict) in verdicts.into_iter().enumerate() {
        tally.vector(&Case::new(format_args!("{name}, thread {thread}")), || verdict);
    }
}

fn signs(provider: &dyn CryptoProvider, key: &dyn SigningKey, message: &[u8]) -> Verdict {
    for algorithm in key.algorithms() {
        for _ in 0..4 {
            let signature = key.sign(*algorithm, message).during("sign")?;
            let public = key.public_key().into();
            let verified = provider.verify_signature(*algorithm, &public, message, &signature);
            verified.during("verify")?;
        }
    }
    Ok(())
}

fn seals(envelope: &dyn Envelope, text: &[u8]) -> Result<(), Problem> {
    for _ in 0..ROUNDS {
        let sealed = envelope.seal(b"ticket", text).during("seal")?;
        same("text", envelope.open(b"ticket", &sealed).during("open")?, text)?;
    }
    Ok(())
}
