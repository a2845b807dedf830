//! What a configuration refuses, by name.
#![cfg(all(feature = "blocking", feature = "rustcrypto"))]

mod support;

use dtls13::core::crypto::{CipherSuite, NamedGroup};
use dtls13::{ClientConfig, Error, RootStore, ServerConfig, provider};
use support::authority::{Authority, Leaf};
use support::{NAME, client};

#[test]
fn a_key_of_another_certificate_is_named() {
    let authority = Authority::new("authority");
    let (one, other) = (authority.issue(&Leaf::server(NAME)), authority.issue(&Leaf::client()));
    let result = ServerConfig::builder(provider::rustcrypto())
        .with_no_client_auth()
        .with_cert(one.chain, &other.key);
    assert!(matches!(result, Err(Error::KeyMismatch)));
}

#[test]
fn damaged_certificates_are_named_with_their_place() {
    let authority = Authority::new("authority");
    let made = authority.issue(&Leaf::server(NAME));
    let result = ServerConfig::builder(provider::rustcrypto())
        .with_no_client_auth()
        .with_cert(vec![made.chain[0].clone(), vec![0x30, 0x01].into()], &made.key);
    assert!(matches!(result, Err(Error::BadCertificate { index: 1 })));
    let result = ServerConfig::builder(provider::rustcrypto())
        .with_no_client_auth()
        .with_cert(Vec::new(), &made.key);
    assert!(matches!(result, Err(Error::NoCertificate)));
}

#[test]
fn trust_in_nobody_is_an_error() {
    let builder = ClientConfig::builder(provider::rustcrypto()).with_roots(RootStore::new());
    assert!(matches!(builder.with_no_client_auth(), Err(Error::NoRoots)));
    let builder = ClientConfig::builder(provider::rustcrypto()).with_roots_pem(b"no PEM");
    assert!(matches!(builder.with_no_client_auth(), Err(Error::NoCertificate)));
}

#[test]
fn what_the_provider_lacks_cannot_be_asked_for() {
    let config = client(&Authority::new("authority"));
    assert!(matches!(config.clone().groups(&[]), Err(Error::Config(_))));
    assert!(matches!(config.clone().groups(&[NamedGroup(0x9999)]), Err(Error::Config(_))));
    assert!(matches!(config.clone().cipher_suites(&[CipherSuite(1)]), Err(Error::Config(_))));
    assert!(matches!(config.clone().alpn([""]), Err(Error::Config(_))));
    assert!(matches!(config.mtu(10), Err(Error::Config(_))));
}

/// req: 9147-4.5.3-07
#[test]
fn ccm_8_is_used_only_when_asked_for_by_name() {
    let ccm_8 = CipherSuite::TLS_AES_128_CCM_8_SHA256;
    let config = client(&Authority::new("authority"));
    assert!(!config.core().common.cipher_suites.contains(&ccm_8));
    assert!(config.cipher_suites(&[ccm_8]).unwrap().core().common.cipher_suites.contains(&ccm_8));
}
