//! What our client offers, and what it makes of ServerHello and EncryptedExtensions (RFC 8446
//! 4.1.3, 4.2, 4.3.1, RFC 9147 5.3, 5.4).

mod common;

use std::sync::Arc;

use common::puppet::{Hello, Message, Puppet, as_it_is, body_of, server_hello};
use dtls_core::crypto::{CipherSuite, NamedGroup};
use dtls_core::wire::extension::ExtensionType;
use dtls_core::wire::handshake::HandshakeType;
use dtls_core::wire::{ContentType, DTLS12, DTLS13};
use dtls_core::{
    ClientConfig, Connection, Error, InvalidMessage, PathId, PeerIncompatible, PeerMisbehaved,
};
use rstest::rstest;

/// This stack speaks DTLS 1.3 and nothing else, which is what its offer says; so there is no
/// older handshake to fall into, to be tricked into, or to renegotiate from.
/// req: 8446-4.2.1-01, 9147-5.3-02, 9147-5.2-10, 8446-4.1.2-03
#[test]
fn a_client_offers_dtls_1_3_alone() {
    let mut puppet = Puppet::server();
    let hello = puppet.client_hello();
    assert_eq!(hello.get(ExtensionType::SUPPORTED_VERSIONS), Some(&[2, 0xfe, 0xfc][..]));
    assert_eq!(hello.version, DTLS12);
    assert_eq!((hello.session_id, hello.cookie), (vec![], vec![]));
    let verify_request =
        puppet.message(0, HandshakeType::HELLO_VERIFY_REQUEST, &[0xfe, 0xfd, 1, 9]);
    puppet.forget();
    puppet.send(&[verify_request]);
    puppet.assert_failed(PeerIncompatible::HelloVerifyRequest, 0);
}

/// req: 8446-9.1-01, 8446-9.1-02, 8446-9.2-01, 8446-4.2.3-01, 9147-4.5.3-07, 9147-5.3-08
/// req: 8446-4.2.3-03
#[test]
fn a_client_offers_what_everybody_has_and_nothing_that_is_broken() {
    let puppet = Puppet::server();
    let hello = puppet.client_hello();
    for suite in [0x1301, 0x1302, 0x1303] {
        assert!(hello.suites.contains(&suite));
    }
    assert!(hello.suites.iter().all(|suite| (0x1301..=0x1304).contains(suite)), "no CCM_8");
    let list = |kind| -> Vec<u16> {
        let body = hello.get(kind).expect("the extension is there");
        body[2..].as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect()
    };
    let groups = list(ExtensionType::SUPPORTED_GROUPS);
    assert!(groups.contains(&NamedGroup::SECP256R1.0) && groups.contains(&NamedGroup::X25519.0));
    let schemes = list(ExtensionType::SIGNATURE_ALGORITHMS);
    for scheme in [0x0401, 0x0804, 0x0403] {
        assert!(schemes.contains(&scheme), "{scheme:#x}");
    }
    for scheme in schemes {
        let [hash, signature] = scheme.to_be_bytes();
        assert!(!(1..=3).contains(&hash), "{scheme:#x}: MD5, SHA-1 or SHA-224");
        assert!(hash > 6 || signature != 2, "{scheme:#x}: DSA");
    }
    for kind in [ExtensionType::KEY_SHARE, ExtensionType::SERVER_NAME] {
        assert!(hello.get(kind).is_some());
    }
}

/// req: 8446-4.2.8-01, 9846-4.2.8-01, 8446-4.2.2-02, 9147-5.1-17
#[test]
fn shares_are_in_offered_groups_in_their_order_and_new_for_each_connection() {
    let mut config = ClientConfig::new(common::provider(9));
    config.split_first_hello = true;
    config.key_shares = vec![NamedGroup::X25519, NamedGroup::SECP256R1];
    config.common.groups = config.key_shares.clone();
    let config = Arc::new(config);
    let hello = || {
        let now = common::now_at(common::START);
        let connection = Connection::client(config.clone(), None, now, PathId(0));
        Puppet::server_with(connection.expect("a valid configuration"))
    };
    let (mut first, second) = (hello(), hello());
    let shares = |hello: &Hello| hello.get(ExtensionType::KEY_SHARE).expect("shares").to_vec();
    let (a, b) = (shares(&first.client_hello()), shares(&second.client_hello()));
    assert_eq!((&a[2..4], &a[38..40]), (&[0, 29][..], &[0, 23][..]));
    assert_ne!(a[6..38], b[6..38]);
    assert_ne!(a[42..], b[42..]);

    // A cookie belongs to the handshake it came in: the next connection has none.
    let retry = first.retry_request(None, Some(b"for you alone"), as_it_is);
    first.send(&[retry]);
    assert!(first.client_hello().get(ExtensionType::COOKIE).is_some());
    assert!(hello().client_hello().get(ExtensionType::COOKIE).is_none());
}

fn hello_field(change: impl Fn(&mut Hello) + 'static) -> Box<dyn FnMut(&mut Message)> {
    Box::new(server_hello(change))
}

fn hello_extension(kind: ExtensionType, body: &'static [u8]) -> Box<dyn FnMut(&mut Message)> {
    hello_field(move |hello| hello.set(kind, body))
}

fn without(kind: ExtensionType) -> Box<dyn FnMut(&mut Message)> {
    hello_field(move |hello| hello.remove(kind))
}

fn older(sentinel: &'static [u8]) -> Box<dyn FnMut(&mut Message)> {
    hello_field(move |hello| {
        hello.remove(ExtensionType::SUPPORTED_VERSIONS);
        hello.random[24..].copy_from_slice(sentinel);
    })
}

fn share(group: u16) -> Box<dyn FnMut(&mut Message)> {
    hello_field(move |hello| {
        let body = [&group.to_be_bytes()[..], &[0, 32], &[9; 32]].concat();
        hello.set(ExtensionType::KEY_SHARE, &body);
    })
}

/// req: 9147bis-5-03, 8446-4.1.3-07, 8446-4.1.3-03, 9147-5.3-08, 9147-5.3-02, 8446-4.2.1-07
/// req: 8446-4.1.3-06, 8446-4.1.3-02, 8446-4.2.1-06, 8446-4.1.3-05, 8446-4.2-01, 8446-4.2-02
/// req: 8446-4.2.8-05, 9846-9.1-01, 8446-6-03
#[rstest]
#[case::an_echo(hello_field(|h| h.session_id = vec![1]), PeerMisbehaved::SessionIdEchoed)]
#[case::a_long_echo(hello_field(|h| h.session_id = vec![1; 32]), PeerMisbehaved::SessionIdEchoed)]
#[case::compression(hello_field(|h| h.compression = vec![1]), PeerMisbehaved::LegacyCompression)]
#[case::a_suite_of_dtls_1_2(hello_field(|h| h.suites = vec![0xc02b]), PeerMisbehaved::UnofferedCipherSuite(CipherSuite(0xc02b)))]
#[case::ccm_8(hello_field(|h| h.suites = vec![0x1305]), PeerMisbehaved::UnofferedCipherSuite(CipherSuite(0x1305)))]
#[case::dtls_1_2(hello_extension(ExtensionType::SUPPORTED_VERSIONS, &[0xfe, 0xfd]), PeerMisbehaved::UnofferedVersion(0xfefd))]
#[case::dtls_1_0(hello_extension(ExtensionType::SUPPORTED_VERSIONS, &[0xfe, 0xff]), PeerMisbehaved::UnofferedVersion(0xfeff))]
#[case::tls_1_3(hello_extension(ExtensionType::SUPPORTED_VERSIONS, &[3, 4]), PeerMisbehaved::UnofferedVersion(0x0304))]
#[case::pushed_to_dtls_1_2(older(b"DOWNGRD\x01"), PeerMisbehaved::Downgrade)]
#[case::pushed_to_dtls_1_0(older(b"DOWNGRD\x00"), PeerMisbehaved::Downgrade)]
#[case::unasked_for(hello_extension(ExtensionType::CONNECTION_ID, &[0]), PeerMisbehaved::UnofferedExtension(ExtensionType::CONNECTION_ID))]
#[case::unknown(hello_extension(ExtensionType(0x5a5a), &[]), PeerMisbehaved::UnofferedExtension(ExtensionType(0x5a5a)))]
#[case::misplaced(hello_extension(ExtensionType::SERVER_NAME, &[]), PeerMisbehaved::MisplacedExtension(ExtensionType::SERVER_NAME))]
#[case::groups(hello_extension(ExtensionType::SUPPORTED_GROUPS, &[0, 2, 0, 29]), PeerMisbehaved::MisplacedExtension(ExtensionType::SUPPORTED_GROUPS))]
#[case::no_share(
    without(ExtensionType::KEY_SHARE),
    PeerMisbehaved::MissingExtension(ExtensionType::KEY_SHARE)
)]
#[case::a_group_without_our_share(
    share(23),
    PeerMisbehaved::KeyShareForUnofferedGroup(NamedGroup::SECP256R1)
)]
#[case::a_share_of_zeros(hello_field(|h| h.set(ExtensionType::KEY_SHARE, &[&[0, 29, 0, 32][..], &[0; 32]].concat())), PeerMisbehaved::BadKeyShare)]
fn a_server_hello_that_breaks_a_rule_gets_its_alert(
    #[case] alter: Box<dyn FnMut(&mut Message)>,
    #[case] error: PeerMisbehaved,
) {
    let mut puppet = Puppet::server();
    let flight = puppet.flight(alter);
    puppet.forget();
    puppet.send(&flight);
    puppet.assert_failed(error, 0);
}

/// req: 8446-4.2.1-07, 9846-9.1-01
#[test]
fn an_honest_server_of_dtls_1_2_is_told_that_its_version_is_too_old() {
    let mut puppet = Puppet::server();
    let flight = puppet.flight(without(ExtensionType::SUPPORTED_VERSIONS));
    puppet.forget();
    puppet.send(&flight);
    puppet.assert_failed(PeerIncompatible::Dtls13Required, 0);
}

/// req: 8446-6-02, 9147bis-4.5.2-04
#[test]
fn a_server_hello_with_bytes_behind_it_is_a_decode_error() {
    let mut puppet = Puppet::server();
    let flight = puppet.flight(body_of(HandshakeType::SERVER_HELLO, |body| body.push(0)));
    puppet.forget();
    puppet.send(&flight);
    puppet.assert_failed(InvalidMessage::Handshake(HandshakeType::SERVER_HELLO), 0);
}

fn encrypted(extensions: &'static [u8]) -> impl FnMut(&mut Message) {
    body_of(HandshakeType::ENCRYPTED_EXTENSIONS, move |body| {
        *body = (extensions.len() as u16).to_be_bytes().to_vec();
        body.extend_from_slice(extensions);
    })
}

/// req: 8446-4.3.1-02, 8446-4.2-01, 8446-4.2-02, 8446-4.2.6-01
#[rstest]
#[case::unasked_for(&[0, 16, 0, 3, 0, 1, 0], PeerMisbehaved::UnofferedExtension(ExtensionType::ALPN).into())]
#[case::unknown(&[0x5a, 0x5a, 0, 0], PeerMisbehaved::UnofferedExtension(ExtensionType(0x5a5a)).into())]
#[case::post_handshake_auth(&[0, 49, 0, 0], PeerMisbehaved::UnofferedExtension(ExtensionType::POST_HANDSHAKE_AUTH).into())]
#[case::versions(&[0, 43, 0, 2, 0xfe, 0xfc], PeerMisbehaved::MisplacedExtension(ExtensionType::SUPPORTED_VERSIONS).into())]
#[case::a_share(&[0, 51, 0, 0], PeerMisbehaved::MisplacedExtension(ExtensionType::KEY_SHARE).into())]
#[case::schemes(&[0, 13, 0, 0], PeerMisbehaved::MisplacedExtension(ExtensionType::SIGNATURE_ALGORITHMS).into())]
#[case::twice(&[0, 0, 0, 0, 0, 0, 0, 0], PeerMisbehaved::DuplicateExtension(ExtensionType::SERVER_NAME).into())]
#[case::a_name(&[0, 0, 0, 1, 7], InvalidMessage::Extension(ExtensionType::SERVER_NAME).into())]
fn encrypted_extensions_hold_only_what_was_asked_and_belongs_there(
    #[case] extensions: &'static [u8],
    #[case] error: Error,
) {
    let mut puppet = Puppet::server();
    let flight = puppet.flight(encrypted(extensions));
    puppet.forget();
    puppet.send(&flight);
    puppet.assert_failed(error, 2);
}

/// req: 8446-4.2.7-01
#[test]
fn groups_that_a_server_would_like_are_only_heard() {
    let mut puppet = Puppet::server();
    let flight = puppet.flight(encrypted(&[0, 10, 0, 4, 0, 2, 0, 24]));
    puppet.send(&flight);
    assert!(puppet.end.is_connected());
    assert_eq!(puppet.conn().summary().map(|s| s.group), Some(NamedGroup::X25519));
}

/// req: 8446-4.3.1-01
#[test]
fn encrypted_extensions_cannot_be_left_out() {
    let mut puppet = Puppet::server();
    puppet.skip = vec![HandshakeType::ENCRYPTED_EXTENSIONS];
    let flight = puppet.flight(as_it_is);
    puppet.forget();
    puppet.send(&flight);
    puppet.assert_failed(PeerMisbehaved::UnexpectedMessage(HandshakeType::CERTIFICATE), 2);
}

/// req: 9147-5-02
#[test]
fn a_client_neither_sends_nor_minds_change_cipher_spec() {
    let mut puppet = Puppet::server();
    let flight = puppet.flight(as_it_is);
    puppet.send_record(0, ContentType(20), &[1]);
    puppet.send(&flight[..1]);
    puppet.send_record(0, ContentType(20), &[1]);
    puppet.send(&flight[1..]);
    assert!(puppet.end.is_connected());
    assert_eq!(puppet.alerts(), []);
    assert!(puppet.seen.iter().all(|seen| seen.kind != ContentType(20)));
    assert_eq!(DTLS13, 0xfefc);
}
