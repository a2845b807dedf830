//! Providers behind a policy, and providers that are counted.
#![cfg(all(feature = "blocking", feature = "rustcrypto"))]

mod support;

use std::sync::Arc;

use dtls13::blocking::Endpoint;
use dtls13::core::crypto::pki_types::PrivateKeyDer;
use dtls13::core::crypto::{
    AeadAlgorithm, Capabilities, CipherSuite, CryptoError, CryptoProvider, Curve, FipsStatus,
    HashAlgorithm, KeyKind, NamedGroup, Offered, RecordSecrets, SignatureAlgorithm,
};
use dtls13::pki_types::PrivatePkcs8KeyDer;
use dtls13::provider::{self, Counted, Operation, Policy, Restricted};
use dtls13::{ClientConfig, Error, KeyLog, ServerConfig};
use rstest::rstest;
use support::authority::{Authority, Leaf};
use support::breakable::Breakable;
use support::{LOCAL, NAME, PATIENCE, client, meet, roots, server, timers};

const P256: SignatureAlgorithm = SignatureAlgorithm::Ecdsa(Curve::P256, HashAlgorithm::Sha256);

fn restricted(policy: Policy) -> Arc<Restricted> {
    Arc::new(Restricted::new(provider::rustcrypto(), policy))
}

fn secrets(aead: AeadAlgorithm) -> RecordSecrets<'static> {
    let key = &[1; 32][..aead.key_len()];
    RecordSecrets { aead, key, iv: &[2; 12], record_number_key: key }
}

fn is_unsupported<T>(result: Result<T, CryptoError>) -> bool {
    matches!(result.err(), Some(CryptoError::Unsupported(_)))
}

#[test]
fn what_a_policy_does_not_allow_is_neither_listed_nor_done() {
    let policy = Policy::new("one of each")
        .cipher_suites(&[CipherSuite::TLS_AES_256_GCM_SHA384])
        .groups(&[NamedGroup::X25519MLKEM768])
        .signatures(&[P256]);
    let provider = restricted(policy);
    let has = provider.capabilities();
    let ids: Vec<_> = has.cipher_suites.iter().map(|suite| suite.id).collect();
    assert_eq!(ids, [CipherSuite::TLS_AES_256_GCM_SHA384]);
    assert_eq!((has.groups.len(), has.kem_halves.len()), (1, 0));
    assert_eq!((has.verify.len(), has.sign.len(), has.generate.len()), (1, 1, 1));
    assert!(has.details.iter().any(|detail| detail.value == "one of each"));

    assert!(provider.seal_key(&secrets(AeadAlgorithm::Aes256Gcm)).is_ok());
    assert!(provider.open_key(&secrets(AeadAlgorithm::Aes256Gcm)).is_ok());
    assert!(is_unsupported(provider.seal_key(&secrets(AeadAlgorithm::Aes128Gcm))));
    assert!(is_unsupported(provider.open_key(&secrets(AeadAlgorithm::ChaCha20Poly1305))));

    // The hybrid works although its halves, asked for alone, do not.
    let hybrid = NamedGroup::X25519MLKEM768;
    let started = provider.start_key_exchange(hybrid).unwrap();
    assert!(provider.encapsulate(hybrid, started.share()).is_ok());
    for group in [NamedGroup::X25519, NamedGroup::MLKEM768, NamedGroup::SECP256R1] {
        assert!(is_unsupported(provider.start_key_exchange(group)), "{group}");
        assert!(is_unsupported(provider.encapsulate(group, &[0; 32])), "{group}");
    }

    assert!(is_unsupported(provider.generate_private_key(KeyKind::Ed25519)));
    let other = provider::rustcrypto().generate_private_key(KeyKind::Ed25519).unwrap();
    let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(other.pkcs8.to_vec()));
    assert!(is_unsupported(provider.load_private_key(&der)));
    let signature = other.key.sign(SignatureAlgorithm::Ed25519, b"message").unwrap();
    let public = other.key.public_key().into();
    let verified =
        provider.verify_signature(SignatureAlgorithm::Ed25519, &public, b"message", &signature);
    assert!(is_unsupported(verified));

    let key = provider.generate_private_key(KeyKind::Ecdsa(Curve::P256)).unwrap().key;
    assert_eq!(key.algorithms(), [P256]);
    let signature = key.sign(P256, b"message").unwrap();
    let public = key.public_key().into();
    assert_eq!(provider.verify_signature(P256, &public, b"message", &signature), Ok(()));
    assert!(is_unsupported(key.sign(SignatureAlgorithm::Ed25519, b"message")));
}

#[rstest]
#[case::everything(Policy::new("everything"))]
#[case::post_quantum(Policy::post_quantum())]
fn what_is_left_passes_the_self_test_of_the_trait(#[case] policy: Policy) {
    let provider = restricted(policy);
    assert_eq!(dtls13::core::crypto::generic::self_test(provider.as_ref()), Ok(()));
}

#[test]
fn post_quantum_peers_refuse_classical_ones() {
    let authority = Authority::new("authority");
    let config = |provider| {
        let builder = ClientConfig::builder(provider).with_roots(roots(&authority));
        builder.with_no_client_auth().unwrap().timers(timers())
    };
    let classical =
        |config: ServerConfig| config.groups(&[NamedGroup::X25519, NamedGroup::SECP256R1]).unwrap();
    let post_quantum = config(restricted(Policy::post_quantum()));
    let offered = &post_quantum.core().common.groups;
    assert!(offered.iter().all(|group| group.is_hybrid()) && !offered.is_empty(), "{offered:?}");

    let (connected, _) = meet(&post_quantum, server(&authority, &Leaf::server(NAME)));
    assert!(connected.unwrap().summary().group.is_hybrid());
    // Refused at the door: nobody has to accept.
    let door = Endpoint::server(LOCAL, classical(server(&authority, &Leaf::server(NAME))));
    let address = door.as_ref().unwrap().local_address();
    let refused = Endpoint::bind(LOCAL).unwrap().connect(address, NAME, &post_quantum);
    assert!(matches!(refused, Err(Error::Connection(_))));
}

#[test]
fn cnsa_2_0_leaves_the_suite_and_the_largest_ml_kem() {
    let provider = restricted(Policy::cnsa_2_0());
    let has = provider.capabilities();
    assert!(has.cipher_suites.iter().all(|s| s.id == CipherSuite::TLS_AES_256_GCM_SHA384));
    assert!(has.groups.iter().all(|group| group.id == NamedGroup::SECP384R1MLKEM1024));
    assert!(has.kem_halves.iter().all(|group| group.id == NamedGroup::MLKEM1024));
    assert_eq!((has.cipher_suites.len(), has.groups.len(), has.kem_halves.len()), (1, 1, 1));
    assert!(has.verify.iter().all(|a| a.id == SignatureAlgorithm::MlDsa87));
}

/// RustCrypto, of which some things say that they run in a module.
fn partly_approved() -> Arc<dyn CryptoProvider> {
    let all = provider::rustcrypto();
    let mut claims: Capabilities = all.capabilities().clone();
    approve(&mut claims.cipher_suites, |id| id == CipherSuite::TLS_AES_128_GCM_SHA256);
    approve(&mut claims.groups, |id| id == NamedGroup::SECP256R1);
    for list in [&mut claims.verify, &mut claims.sign] {
        approve(list, |id| matches!(id, SignatureAlgorithm::Ecdsa(..)));
    }
    approve(&mut claims.generate, |id| matches!(id, KeyKind::Ecdsa(_)));
    Breakable::claiming(all, claims)
}

fn approve<T: Copy>(list: &mut [Offered<T>], which: impl Fn(T) -> bool) {
    for offered in list.iter_mut().filter(|offered| which(offered.id)) {
        offered.fips = FipsStatus::ApprovedMode;
    }
}

#[test]
fn the_fips_policy_leaves_what_is_approved() {
    assert_eq!(restricted(Policy::fips()).capabilities().cipher_suites, []);
    let provider = Restricted::new(partly_approved(), Policy::fips());
    let has = provider.capabilities();
    assert_eq!(has.fips(), FipsStatus::ApprovedMode);
    assert_eq!((has.cipher_suites.len(), has.groups.len()), (1, 1));
    assert!(has.has_group(NamedGroup::SECP256R1) && has.can_sign(P256));
    assert!(is_unsupported(provider.start_key_exchange(NamedGroup::X25519)));
}

#[test]
fn the_status_of_a_configuration_is_the_least_of_what_it_may_use() {
    let authority = Authority::new("authority");
    let made = authority.issue(&Leaf::server(NAME));
    let (approved, none) = (FipsStatus::ApprovedMode, FipsStatus::None);
    let schemes = [dtls13::core::crypto::SignatureScheme::ECDSA_SECP256R1_SHA256];
    let suites = [CipherSuite::TLS_AES_128_GCM_SHA256];
    let groups = [NamedGroup::SECP256R1];

    // A server judges no chains: what it lists, and its key, are all there is.
    let all = ServerConfig::builder(partly_approved()).with_no_client_auth();
    let all = all.with_cert(made.chain.clone(), &made.key).unwrap();
    assert_eq!(all.fips(), none);
    let narrowed = all.groups(&groups).unwrap().cipher_suites(&suites).unwrap();
    assert_eq!(narrowed.fips(), none, "Ed25519 is still among the schemes");
    let narrowed = narrowed.signature_schemes(&schemes).unwrap();
    assert_eq!(narrowed.fips(), approved);
    assert_eq!(narrowed.clone().groups(&[NamedGroup::X25519]).unwrap().fips(), none);

    // A key that lives elsewhere has the status somebody attests.
    let key = provider::rustcrypto().load_private_key(&made.key).unwrap();
    let elsewhere = dtls13::CertifiedKey::with_key(made.chain, key).unwrap();
    for (key, status) in [(elsewhere.clone(), none), (elsewhere.with_fips(approved), approved)] {
        let config = ServerConfig::builder(partly_approved()).with_no_client_auth();
        let config = config.with_credential(key).unwrap();
        let config = config.groups(&groups).unwrap().cipher_suites(&suites).unwrap();
        assert_eq!(config.signature_schemes(&schemes).unwrap().fips(), status);
    }

    // A client judges chains by whatever its provider verifies, unless that is restricted.
    let client = |provider| {
        let builder = ClientConfig::builder(provider).with_roots(roots(&authority));
        builder.with_no_client_auth().unwrap()
    };
    let config = client(partly_approved()).groups(&groups).unwrap();
    let config = config.cipher_suites(&suites).unwrap().signature_schemes(&schemes).unwrap();
    assert_eq!(config.fips(), none);
    let config = client(Arc::new(Restricted::new(partly_approved(), Policy::fips())));
    assert_eq!(config.fips(), approved);

    // Secrets that are written down are protected by nothing.
    assert_eq!(config.key_log(Arc::new(Forgetful)).fips(), none);
}

/// A key log that keeps nothing.
#[derive(Debug)]
struct Forgetful;

impl KeyLog for Forgetful {
    fn log(&self, _: &str, _: &[u8; 32], _: &[u8]) {}
}

#[test]
fn a_connection_is_counted_down_to_its_records() {
    let authority = Authority::new("authority");
    let counted = Arc::new(Counted::new(provider::rustcrypto()));
    let config = ClientConfig::builder(counted.clone()).with_roots(roots(&authority));
    let config = config.with_no_client_auth().unwrap().timers(timers());
    let (client, server) = meet(&config, server(&authority, &Leaf::server(NAME)));
    let (client, server) = (client.unwrap(), server.unwrap());
    let handshake = counted.statistics();
    for operation in [
        Operation::Random,
        Operation::Hash,
        Operation::ScheduleExtract,
        Operation::ScheduleExpand,
        Operation::MakeSealKey,
        Operation::MakeOpenKey,
        Operation::StartKeyExchange,
        Operation::CompleteKeyExchange,
        Operation::Verify,
    ] {
        let seen = handshake.get(operation);
        assert!(seen.calls > 0 && seen.failures == 0, "{operation}: {seen:?}");
        assert!(!seen.time.is_zero() && seen.mean() <= seen.time, "{operation}: {seen:?}");
    }
    assert_eq!(handshake.get(Operation::Encapsulate).calls, 0, "that is the server's");

    for _ in 0..20 {
        client.send(b"counted").unwrap();
        assert_eq!(server.recv_timeout(PATIENCE).unwrap(), b"counted");
    }
    let data = counted.statistics().since(&handshake);
    assert!(data.get(Operation::Seal).calls >= 20, "{data}");
    assert!(data.get(Operation::RecordNumberMask).calls >= 20, "{data}");
    assert_eq!(data.get(Operation::Verify).calls, 0);
    assert!(handshake.to_string().contains("complete key exchange"));
}

#[test]
fn a_server_and_its_key_are_counted_too() {
    let authority = Authority::new("authority");
    let counted = Arc::new(Counted::without_times(provider::rustcrypto()));
    let made = authority.issue(&Leaf::server(NAME));
    let config = ServerConfig::builder(counted.clone()).with_no_client_auth();
    let config = config.with_cert(made.chain, &made.key).unwrap().timers(timers());
    let (client, _server) = meet(&client(&authority), config);
    client.unwrap();
    let statistics = counted.statistics();
    for operation in [Operation::LoadPrivateKey, Operation::Encapsulate, Operation::Sign] {
        assert_eq!(statistics.get(operation).calls, 1, "{operation}");
        assert!(statistics.get(operation).time.is_zero());
    }
}

#[test]
fn failures_are_told_from_faults() {
    let broken = Breakable::new("broken");
    let counted = Counted::new(broken.clone());
    let mut record = [0; 40];
    let aead = AeadAlgorithm::Aes128Gcm;
    let mut open = counted.open_key(&secrets(aead)).unwrap();
    assert_eq!(open.open(0, b"", &mut record), Err(CryptoError::BadRecord));
    broken.set_erring(true);
    assert!(counted.random(&mut record).is_err());
    let envelope = counted.envelope(&[0; 32]);
    assert!(envelope.is_err());

    let statistics = counted.statistics();
    let forged = statistics.get(Operation::Open);
    assert_eq!((forged.calls, forged.failures, forged.faults), (1, 1, 0));
    let random = statistics.get(Operation::Random);
    assert_eq!((random.calls, random.failures, random.faults), (1, 1, 1));
    assert_eq!((statistics.faults(), counted.faults()), (2, 2));
}

#[test]
fn decorators_stack() {
    let counted = Arc::new(Counted::new(provider::rustcrypto()));
    let provider = Restricted::new(counted.clone(), Policy::post_quantum());
    assert_eq!(dtls13::core::crypto::generic::self_test(&provider), Ok(()));
    assert!(counted.statistics().get(Operation::Encapsulate).calls > 0);
    let envelope = provider.envelope(&[3; 32]).unwrap();
    let sealed = envelope.seal(b"aad", b"ticket").unwrap();
    assert_eq!(envelope.open(b"aad", &sealed).unwrap(), b"ticket");
    assert!(envelope.open(b"other", &sealed).is_err());
    let opened = counted.statistics().get(Operation::EnvelopeOpen);
    assert_eq!((opened.calls, opened.failures), (2, 1));
}
