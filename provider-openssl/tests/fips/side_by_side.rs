//! Several providers in one process: none sees anything of another's.

use std::sync::Barrier;

use dtls_crypto_api::{CryptoError, CryptoProvider, FipsStatus, NamedGroup};
use dtls_provider_openssl::OpenSslProvider;

use crate::{alone, fips};

fn offers_x25519(provider: &OpenSslProvider) -> bool {
    let unsupported = Err(CryptoError::Unsupported("this key exchange group"));
    let started = provider.start_key_exchange(NamedGroup::X25519).map(drop);
    assert!(started == Ok(()) || started == unsupported);
    provider.capabilities().has_group(NamedGroup::X25519) && started.is_ok()
}

#[test]
fn a_default_and_a_fips_provider_do_not_mix_whichever_comes_first() {
    alone(|| {
        let before = OpenSslProvider::new();
        let module = fips();
        let after = OpenSslProvider::new();
        assert!(offers_x25519(&before) && offers_x25519(&after));
        assert!(!offers_x25519(&module));
        for default in [&before, &after] {
            assert_eq!(default.capabilities().fips(), FipsStatus::None);
            assert_eq!(default.capabilities().cipher_suites.len(), 5);
            default.self_test().unwrap();
        }
        module.self_test().unwrap();
        assert_eq!(module.capabilities().fips(), FipsStatus::ApprovedMode);
        drop(module);
        after.self_test().unwrap();
    });
}

/// What was made by a provider that is gone goes on working: it keeps the module loaded.
#[test]
fn what_a_provider_made_outlives_it() {
    alone(|| {
        let provider = fips();
        let envelope = provider.envelope(&[1; 32]).unwrap();
        let mut hash = provider.hash(dtls_crypto_api::HashAlgorithm::Sha256).unwrap();
        let exchange = provider.start_key_exchange(NamedGroup::SECP256R1).unwrap();
        drop(provider);
        let sealed = envelope.seal(b"", b"text").unwrap();
        assert_eq!(envelope.open(b"", &sealed).unwrap(), b"text");
        hash.update(b"abc");
        hash.finish();
        let answer = fips().encapsulate(NamedGroup::SECP256R1, exchange.share()).unwrap();
        let secret = exchange.complete(&answer.share).unwrap();
        assert_eq!(secret.expose(), answer.secret.expose());
    });
}

/// The module keeps something for each thread, which it clears away when the thread ends: also when
/// the provider is gone by then.
#[test]
fn a_thread_may_end_after_the_provider_that_it_used() {
    alone(|| {
        for _ in 0..10 {
            let provider = fips();
            let (used, gone) = (Barrier::new(5), Barrier::new(5));
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    let provider = provider.clone();
                    let (used, gone) = (&used, &gone);
                    scope.spawn(move || {
                        let group = NamedGroup::SECP256R1;
                        provider.start_key_exchange(group).unwrap();
                        provider.random(&mut [0; 32]).unwrap();
                        drop(provider);
                        used.wait();
                        gone.wait();
                    });
                }
                used.wait();
                drop(provider);
                gone.wait();
            });
        }
        fips().self_test().unwrap();
    });
}

#[test]
fn providers_are_made_used_and_dropped_on_several_threads_at_once() {
    alone(|| {
        let shared = fips();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                let shared = shared.clone();
                scope.spawn(move || {
                    for _ in 0..5 {
                        let own = fips();
                        for provider in [&own, &shared] {
                            let mut bytes = [0; 32];
                            provider.random(&mut bytes).unwrap();
                            let group = NamedGroup::SECP256R1;
                            let client = provider.start_key_exchange(group).unwrap();
                            let answer = own.encapsulate(group, client.share()).unwrap();
                            let secret = client.complete(&answer.share).unwrap();
                            assert_eq!(secret.expose(), answer.secret.expose());
                        }
                    }
                });
            }
            // The module's tests do not disturb those who use it meanwhile.
            for _ in 0..5 {
                shared.self_test().unwrap();
            }
        });
    });
}
