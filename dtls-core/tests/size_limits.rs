//! Limits on record sizes that a peer may ask for and this stack does not negotiate (RFC 8449):
//! it offers none, answers none, and stays within the protocol's own.

mod common;

use common::puppet::Puppet;
use common::{Pair, Setup};
use dtls_core::wire::extension::ExtensionType;
use dtls_core::wire::handshake::HandshakeType;

/// req: 8449-4-03, 8449-4-08
#[test]
fn no_limit_is_advertised() {
    let puppet = Puppet::server();
    let hello = puppet.client_hello();
    assert_eq!(hello.get(ExtensionType::RECORD_SIZE_LIMIT), None);
    assert_eq!(hello.get(ExtensionType::MAX_FRAGMENT_LENGTH), None);
}

/// req: 8449-4-04, 8449-5-01
#[test]
fn a_client_that_asks_for_any_limit_is_served_and_both_extensions_are_ignored() {
    for limit in [64_u16, 0x4001, 0xffff] {
        let mut puppet = Puppet::client();
        puppet.say_hello(|hello| {
            hello.set(ExtensionType::RECORD_SIZE_LIMIT, &limit.to_be_bytes());
            hello.set(ExtensionType::MAX_FRAGMENT_LENGTH, &[1]);
        });
        let mut messages = puppet.messages.iter();
        let answer = messages.find(|m| m.msg_type == HandshakeType::ENCRYPTED_EXTENSIONS);
        assert_eq!(answer.expect("EncryptedExtensions").body, [0, 0]);
        assert!(puppet.end.error().is_none());
    }
}

/// req: 8449-4-05
#[test]
fn no_record_is_longer_than_the_protocol_allows() {
    let mut setup = Setup::default();
    setup.client.common.mtu = 60_000;
    let mut pair = Pair::new(setup);
    pair.connect();
    assert_eq!(pair.client.conn().max_payload(), 1 << 14);
    pair.write(true, &[7; 1 << 14]);
    pair.run_for(std::time::Duration::from_secs(1));
    assert_eq!(pair.server.received, [[7; 1 << 14]]);
}
