//! Connections in FIPS mode, on the module that `cargo xtask fips` builds.
#![cfg(all(feature = "fips", feature = "blocking", feature = "rustcrypto"))]

mod support;

use std::path::Path;
use std::sync::Arc;

use dtls13::blocking::Endpoint;
use dtls13::core::crypto::{CipherSuite, CryptoProvider, FipsStatus, NamedGroup};
use dtls13::provider::{self, FipsOptions, Policy, Restricted};
use dtls13::{ClientConfig, Error, ServerConfig};
use support::authority::{Authority, Leaf};
use support::{LOCAL, NAME, client, meet, roots, server, timers};

const APPROVED_GROUPS: [NamedGroup; 3] =
    [NamedGroup::SECP256R1, NamedGroup::SECP384R1, NamedGroup::SECP521R1];

fn module(certificate: Option<&str>) -> Arc<dyn CryptoProvider> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/fips");
    let (module_path, config_path) = (folder.join("fips.so"), folder.join("fipsmodule.cnf"));
    assert!(module_path.is_file(), "{} is missing: `cargo xtask fips`", module_path.display());
    let certificate = certificate.map(str::to_owned);
    let options = FipsOptions { module_path, config_path, certificate };
    provider::openssl_fips(options).unwrap()
}

fn fips_client(authority: &Authority, provider: Arc<dyn CryptoProvider>) -> ClientConfig {
    let builder = ClientConfig::builder(provider).with_roots(roots(authority));
    builder.with_no_client_auth().unwrap().timers(timers())
}

fn fips_server(authority: &Authority, provider: Arc<dyn CryptoProvider>) -> ServerConfig {
    let made = authority.issue(&Leaf::server(NAME));
    let builder = ServerConfig::builder(provider).with_no_client_auth();
    builder.with_cert(made.chain, &made.key).unwrap().timers(timers())
}

/// What is in use when nothing is chosen is approved already; the peer need not know of FIPS.
#[test]
fn a_connection_uses_approved_algorithms_whoever_the_peer_is() {
    let authority = Authority::new("authority");
    let fips = module(None);
    for (client, server) in [
        (fips_client(&authority, fips.clone()), fips_server(&authority, fips.clone())),
        (fips_client(&authority, fips.clone()), server(&authority, &Leaf::server(NAME))),
        (client(&authority), fips_server(&authority, fips.clone())),
    ] {
        let (client, server) = meet(&client, server);
        let (client, server) = (client.unwrap(), server.unwrap());
        let summary = client.summary();
        assert!(APPROVED_GROUPS.contains(&summary.group), "{}", summary.group);
        assert!(fips.capabilities().has_suite(summary.cipher_suite), "{}", summary.cipher_suite);
        client.send(b"text").unwrap();
        assert_eq!(server.recv().unwrap(), b"text");
    }
}

#[test]
fn a_configuration_has_the_status_of_its_module_and_no_more_than_is_attested() {
    let authority = Authority::new("authority");
    for (certificate, status) in
        [(None, FipsStatus::ApprovedMode), (Some("4985"), FipsStatus::AttestedValidated)]
    {
        assert_eq!(fips_client(&authority, module(certificate)).fips(), status);
        assert_eq!(fips_server(&authority, module(certificate)).fips(), status);
    }
    assert_eq!(client(&authority).fips(), FipsStatus::None);

    // A policy takes nothing from a FIPS provider, and everything from another.
    let policy = |inner| Restricted::new(inner, Policy::fips());
    let (before, after) = (module(None), policy(module(None)));
    assert_eq!(after.capabilities().cipher_suites, before.capabilities().cipher_suites);
    assert_eq!(after.capabilities().groups, before.capabilities().groups);
    assert_eq!(after.capabilities().verify, before.capabilities().verify);
    assert_eq!(policy(provider::openssl()).capabilities().groups, []);
}

#[test]
fn what_is_not_approved_cannot_be_configured() {
    let config = fips_client(&Authority::new("authority"), module(None));
    let groups = config.clone().groups(&[NamedGroup::X25519]).map(drop);
    assert!(matches!(groups, Err(Error::Config(_))), "{groups:?}");
    let chacha = CipherSuite::TLS_CHACHA20_POLY1305_SHA256;
    let suites = config.cipher_suites(&[chacha]).map(drop);
    assert!(matches!(suites, Err(Error::Config(_))), "{suites:?}");
}

/// Both roles: nobody gives in, and the reason reaches the client.
#[test]
fn a_peer_that_knows_x25519_only_is_refused() {
    let authority = Authority::new("authority");
    let refused = |client: &ClientConfig, server: ServerConfig| {
        let door = Endpoint::server(LOCAL, server).unwrap();
        let connected = Endpoint::bind(LOCAL).unwrap().connect(door.local_address(), NAME, client);
        let error = connected.map(drop).unwrap_err();
        assert!(matches!(error, Error::Connection(_)), "{error:?}");
        error.to_string()
    };
    let x25519 = [NamedGroup::X25519];
    let only = client(&authority).groups(&x25519).unwrap();
    let told = refused(&only, fips_server(&authority, module(None)));
    assert!(told.contains("handshake_failure"), "{told}");
    let only = server(&authority, &Leaf::server(NAME)).groups(&x25519).unwrap();
    let told = refused(&fips_client(&authority, module(None)), only);
    assert!(told.contains("handshake_failure"), "{told}");
}
