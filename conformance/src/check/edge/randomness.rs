//! Randomness: that there is some, which no test can prove, that all of the buffer is filled, and
//! that a source that fails is heard of.

use dtls_crypto_api::{CryptoError, CryptoProvider, KeyKind};

use crate::check::tally::{Case, During, Tally, Verdict, holds, refused};

/// So many draws leave no byte the same by accident: the chance is 2^-8 for each draw.
const DRAWS: usize = 32;

pub(in crate::check) fn randomness(tally: &mut Tally<'_>) -> Verdict {
    let provider = tally.provider();
    for len in [0, 1, 2, 16, 31, 32, 33, 256, 257, 1000, 70_000] {
        tally.vector(&Case::new(format_args!("{len} bytes")), || {
            let mut moved = vec![false; len];
            let mut first = vec![0; len];
            provider.random(&mut first).during("random")?;
            for _ in 1..DRAWS {
                let mut next = vec![0; len];
                provider.random(&mut next).during("random")?;
                moved.iter_mut().zip(first.iter().zip(&next)).for_each(|(moved, (a, b))| {
                    *moved |= a != b;
                });
                holds("two draws of 16 bytes and more differ", len < 16 || first != next)?;
            }
            holds("every byte is drawn", moved.iter().all(|moved| *moved))
        });
    }
    tally.vector(&Case::new("what stood in the buffer"), || {
        let (mut zeros, mut ones) = ([0; 64], [0xff; 64]);
        provider.random(&mut zeros).during("random")?;
        provider.random(&mut ones).during("random")?;
        // A byte that is masked or added to what stood there keeps some of it in all of 64.
        holds("goes", zeros.iter().fold(0, |all, byte| all | byte) == 0xff)?;
        holds("goes", ones.iter().fold(0xff, |all, byte| all & byte) == 0)
    });
    Ok(())
}

/// The same provider over a source that fails: no key, no share and no nonce is made without it.
pub(in crate::check) fn failing_source(tally: &mut Tally<'_>) -> Verdict {
    let access = tally.options().access.as_ref();
    let Some(broken) = access.and_then(|access| access.without_randomness()) else {
        tally.skip("nobody gave the kit this provider over a source that fails", 1);
        return Ok(());
    };
    let broken: &dyn CryptoProvider = &*broken;
    let errors = [CryptoError::RandomFailed];
    let capabilities = broken.capabilities();
    tally.vector(&Case::new("random"), || refused("random", broken.random(&mut [0; 32]), &errors));
    tally.vector(&Case::new("self test"), || {
        refused("self_test", broken.self_test(), &[CryptoError::SelfTestFailed("")])
    });
    for group in capabilities.groups.iter().chain(&capabilities.kem_halves) {
        let group = group.id;
        // The share to answer is somebody else's, whose source works.
        let share = tally.provider().start_key_exchange(group).during("client's share")?;
        tally.vector(&Case::new(group), || {
            refused("client", broken.start_key_exchange(group).map(drop), &errors)?;
            refused("server", broken.encapsulate(group, share.share()), &errors)
        });
    }
    let kinds = capabilities.generate.iter().map(|offered| offered.id);
    for kind in kinds.filter(|kind| !matches!(kind, KeyKind::Rsa(3072 | 4096))) {
        tally.vector(&Case::new(format_args!("{kind:?}")), || {
            refused("generate", broken.generate_private_key(kind).map(drop), &errors)
        });
    }
    tally.vector(&Case::new("envelope"), || {
        let envelope = broken.envelope(&[7; 32]).during("envelope")?;
        refused("seal", envelope.seal(b"", b"text"), &errors)
    });
    Ok(())
}
