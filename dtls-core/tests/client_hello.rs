//! What our server makes of a ClientHello, good and bad (RFC 8446 4.1.2, 4.2, RFC 9147 5.3).

mod common;

use common::puppet::{Hello, Puppet, as_it_is};
use dtls_core::crypto::{CipherSuite, NamedGroup};
use dtls_core::wire::alert::AlertDescription;
use dtls_core::wire::extension::ExtensionType;
use dtls_core::wire::handshake::HandshakeType;
use dtls_core::wire::{ContentType, DTLS13};
use dtls_core::{CookiePolicy, Error, InvalidMessage, PeerIncompatible, PeerMisbehaved};
use rstest::rstest;

/// req: 8446-4.1.2-04, 8446-9.3-01, 8446-4.2.1-04, 9147-5.3-08
#[test]
fn what_a_server_does_not_know_it_passes_over() {
    let mut puppet = Puppet::client();
    puppet.say_hello(|hello| {
        // Values reserved for keeping servers honest (RFC 8701), and a suite of DTLS 1.2.
        hello.suites.splice(0..0, [0x1a1a, 0xc02b]);
        hello.set(ExtensionType::SUPPORTED_VERSIONS, &[6, 0x2a, 0x2a, 0xfe, 0xfd, 0xfe, 0xfc]);
        hello.set(ExtensionType::SUPPORTED_GROUPS, &[0, 6, 0x3a, 0x3a, 0, 29, 0xfe, 0xff]);
        hello.set(ExtensionType::SIGNATURE_ALGORITHMS, &[0, 6, 0x4a, 0x4a, 4, 3, 0xfe, 0]);
        hello.extensions.insert(0, (ExtensionType(0x5a5a), Vec::new()));
        hello.extensions.push((ExtensionType(0x6a6a), vec![1, 2, 3]));
    });
    let answer = puppet.answer(as_it_is);
    puppet.send(&answer);
    let summary = puppet.conn().summary().expect("connected").clone();
    assert_eq!(summary.cipher_suite, CipherSuite::TLS_AES_128_GCM_SHA256);
    assert_eq!(summary.group, NamedGroup::X25519);
}

/// req: 8446-4.2.1-03
#[rstest]
#[case(0xfeff)]
#[case(0x0303)]
#[case(0xfefc)]
#[case(0)]
fn legacy_version_is_of_no_account(#[case] version: u16) {
    let mut puppet = Puppet::client();
    puppet.say_hello(|hello| hello.version = version);
    let answer = puppet.answer(as_it_is);
    puppet.send(&answer);
    assert!(puppet.end.is_connected());
}

fn without(kind: ExtensionType) -> impl Fn(&mut Hello) {
    move |hello| hello.remove(kind)
}

fn with(kind: ExtensionType, body: &'static [u8]) -> impl Fn(&mut Hello) {
    move |hello| hello.set(kind, body)
}

fn only_suite(suite: u16) -> impl Fn(&mut Hello) {
    move |hello| hello.suites = vec![suite]
}

fn second_share(hello: &mut Hello) {
    let mut body = hello.get(ExtensionType::KEY_SHARE).expect("a share").to_vec();
    body.extend_from_within(2..);
    let len = (body.len() - 2) as u16;
    body[..2].copy_from_slice(&len.to_be_bytes());
    hello.set(ExtensionType::KEY_SHARE, &body);
}

/// req: 9147-5.3-07, 8446-4.2.1-02, 8446-4.2.1-04, 8446-4.2.1-06, 9846-9.1-01, 9147-5.3-08
/// req: 8446-4.2-02, 8446-4.2.5-01, 8446-4.2.3-01, 8446-9.2-02, 8446-4.2.8-01, 9147-4.5.3-07
/// req: 8446-6-03
#[rstest]
#[case::a_cookie_of_dtls_1_2(|h: &mut Hello| h.cookie = vec![1], PeerMisbehaved::LegacyCookie.into())]
#[case::compression(|h: &mut Hello| h.compression = vec![1, 0], PeerMisbehaved::LegacyCompression.into())]
#[case::no_versions(without(ExtensionType::SUPPORTED_VERSIONS), PeerIncompatible::Dtls13Required.into())]
#[case::dtls_1_2(with(ExtensionType::SUPPORTED_VERSIONS, &[2, 0xfe, 0xfd]), PeerIncompatible::Dtls13Required.into())]
#[case::dtls_1_0(with(ExtensionType::SUPPORTED_VERSIONS, &[4, 0xfe, 0xff, 0xfe, 0xfd]), PeerIncompatible::Dtls13Required.into())]
#[case::tls_1_3(with(ExtensionType::SUPPORTED_VERSIONS, &[2, 3, 4]), PeerIncompatible::Dtls13Required.into())]
#[case::an_unknown_suite(only_suite(0x1a1a), PeerIncompatible::NoCommonCipherSuite.into())]
#[case::ccm_8(only_suite(0x1305), PeerIncompatible::NoCommonCipherSuite.into())]
#[case::no_common_group(with(ExtensionType::KEY_SHARE, &[0, 0]), PeerIncompatible::NoCommonGroup.into())]
#[case::no_schemes(without(ExtensionType::SIGNATURE_ALGORITHMS), PeerMisbehaved::MissingExtension(ExtensionType::SIGNATURE_ALGORITHMS).into())]
#[case::no_groups(without(ExtensionType::SUPPORTED_GROUPS), PeerMisbehaved::MissingExtension(ExtensionType::SUPPORTED_GROUPS).into())]
#[case::no_share(without(ExtensionType::KEY_SHARE), PeerMisbehaved::MissingExtension(ExtensionType::KEY_SHARE).into())]
#[case::oid_filters(with(ExtensionType::OID_FILTERS, &[0, 0]), PeerMisbehaved::MisplacedExtension(ExtensionType::OID_FILTERS).into())]
#[case::two_shares_in_a_group(second_share, PeerMisbehaved::InconsistentKeyShares.into())]
#[case::a_share_in_no_group(with(ExtensionType::SUPPORTED_GROUPS, &[0, 2, 0, 23]), PeerMisbehaved::InconsistentKeyShares.into())]
#[case::a_cookie_from_nowhere(with(ExtensionType::COOKIE, &[0, 1, 9]), PeerMisbehaved::BadCookie.into())]
fn a_hello_that_breaks_a_rule_gets_its_alert(
    #[case] change: impl Fn(&mut Hello),
    #[case] error: Error,
) {
    let no_group = error == PeerIncompatible::NoCommonGroup.into();
    let mut puppet = Puppet::client();
    puppet.say_hello(|hello| {
        change(hello);
        if no_group {
            hello.set(ExtensionType::SUPPORTED_GROUPS, &[0, 2, 0x3a, 0x3a]);
        }
    });
    puppet.assert_failed(error.clone(), 0);

    // The door judges by the same rules, and keeps nothing.
    let mut puppet = Puppet::client_before(CookiePolicy::Always, |_| ());
    puppet.say_hello(|hello| {
        change(hello);
        if no_group {
            hello.set(ExtensionType::SUPPORTED_GROUPS, &[0, 2, 0x3a, 0x3a]);
        }
    });
    if error == PeerMisbehaved::MissingExtension(ExtensionType::SIGNATURE_ALGORITHMS).into() {
        // This one is found when the handshake goes on.
        assert_eq!(puppet.fragment_types(), [HandshakeType::SERVER_HELLO]);
    } else {
        puppet.assert_turned_away(error.alert().expect("an alert"));
    }
}

/// req: 8446-4.1.2-07, 8446-6-02, 9147bis-4.5.2-04
#[rstest]
#[case::bytes_behind_the_extensions(&[0])]
#[case::a_second_block(&[0, 0])]
fn a_hello_whose_extensions_do_not_fill_it_is_a_decode_error(#[case] behind: &[u8]) {
    let mut puppet = Puppet::client();
    let hello = puppet.offer();
    let mut message = puppet.hello_message(&hello);
    message.body.extend_from_slice(behind);
    puppet.send(&[message]);
    puppet.assert_failed(InvalidMessage::Handshake(HandshakeType::CLIENT_HELLO), 0);
}

/// A hello of DTLS 1.2 need not have extensions at all; it is read all the same, so that the
/// answer can be the right one.
/// req: 8446-4.1.2-07, 8446-4.2.1-02
#[test]
fn a_hello_without_an_extension_block_asks_for_an_older_version() {
    let mut puppet = Puppet::client();
    let mut hello = puppet.offer();
    hello.extensions.clear();
    let mut message = puppet.hello_message(&hello);
    message.body.truncate(message.body.len() - 2);
    puppet.send(&[message]);
    puppet.assert_failed(PeerIncompatible::Dtls13Required, 0);
}

/// req: 8446-4.1.2-02
#[test]
fn a_hello_in_the_middle_of_a_handshake_ends_it() {
    let unexpected = PeerMisbehaved::UnexpectedMessage(HandshakeType::CLIENT_HELLO);
    let mut puppet = Puppet::client();
    puppet.say_hello(|_| ());
    puppet.forget();
    let hello = puppet.offer().to_client_hello();
    let message = puppet.message(2, HandshakeType::CLIENT_HELLO, &hello);
    puppet.send(&[message]);
    assert_eq!(puppet.end.error(), Some(&unexpected.into()));

    let mut puppet = Puppet::client();
    puppet.connect();
    let message = puppet.message(3, HandshakeType::CLIENT_HELLO, &hello);
    puppet.send(&[message]);
    puppet.assert_failed(unexpected, 3);
}

/// req: 8446-4.1.2-01
#[test]
fn a_server_says_nothing_before_the_client_has_spoken() {
    let mut puppet = Puppet::client();
    puppet.pump();
    puppet.sleep_ms(5_000);
    assert!(puppet.datagrams.is_empty());
}

/// req: 8446-4.1.3-02
#[test]
fn a_servers_random_is_its_own_and_new_each_time() {
    let mut randoms = Vec::new();
    let mut puppet = Puppet::client();
    puppet.say_hello(|_| ());
    randoms.push(Hello::server(&puppet.messages[0].body).random);
    // The same client hello, byte for byte, to a server that draws on.
    let mut other = Puppet::client_for(|config| config.common.provider = common::provider(77));
    other.say_hello(|_| ());
    randoms.push(Hello::server(&other.messages[0].body).random);
    assert_ne!(randoms[0], randoms[1]);
    for random in randoms {
        assert_ne!(random, [0xc1; 32], "the client's");
        assert!(!random.ends_with(b"DOWNGRD\x00") && !random.ends_with(b"DOWNGRD\x01"));
    }
}

/// req: 8446-4.1.1-02, 8446-4.1.3-05, 8446-4.2-01
#[test]
fn a_group_without_a_share_is_asked_for_and_nothing_else_is_said() {
    let mut puppet = Puppet::client();
    puppet.say_hello(|hello| hello.set(ExtensionType::KEY_SHARE, &[0, 0]));
    let retry = Hello::server(&puppet.messages[0].body);
    let kinds: Vec<_> = retry.extensions.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, [ExtensionType::SUPPORTED_VERSIONS, ExtensionType::KEY_SHARE]);
    assert_eq!(retry.get(ExtensionType::KEY_SHARE), Some(&[0, 29][..]));
    assert_eq!(puppet.seen.len(), 1);
}

/// req: 8446-4.1.3-05, 8446-4.2-01, 8446-4.1.3-07, 8446-4.3.1-01, 9147-5.3-02, 8446-4.2.8-05
/// req: 8446-4.2.6-01
#[test]
fn a_servers_answers_hold_what_was_asked_for_and_no_more() {
    let mut puppet = Puppet::client();
    puppet.say_hello(|hello| hello.session_id = vec![7; 32]);
    let hello = Hello::server(&puppet.messages[0].body);
    let kinds: Vec<_> = hello.extensions.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, [ExtensionType::SUPPORTED_VERSIONS, ExtensionType::KEY_SHARE]);
    assert_eq!(hello.get(ExtensionType::SUPPORTED_VERSIONS), Some(&DTLS13.to_be_bytes()[..]));
    let share = hello.get(ExtensionType::KEY_SHARE).expect("a share");
    assert_eq!((&share[..4], share.len()), (&[0, 29, 0, 32][..], 36), "one share, as asked");
    assert_eq!(hello.version, 0xfefd);
    assert_eq!(hello.session_id, [], "the session ID is not echoed");
    let second = &puppet.messages[1];
    assert_eq!(
        (second.msg_type, &second.body[..]),
        (HandshakeType::ENCRYPTED_EXTENSIONS, &[0, 0][..])
    );
}

/// req: 9846-4.2.8-01
#[test]
fn a_client_that_repeats_its_share_is_endured_and_the_server_never_does() {
    let config = {
        let mut config = dtls_core::ServerConfig::new(common::provider(2));
        config.common.timers.use_rtt = false;
        std::sync::Arc::new(config)
    };
    let mut shares = Vec::new();
    for _ in 0..2 {
        // The puppet's randomness begins anew, so its share is the same; the server's goes on.
        let mut puppet = Puppet::client();
        let now = puppet.now();
        let connection =
            dtls_core::Connection::server(config.clone(), now, dtls_core::PathId(0), true);
        puppet.end.connection = Some(connection.expect("a valid configuration"));
        puppet.connect();
        shares.push(
            Hello::server(&puppet.messages[0].body)
                .get(ExtensionType::KEY_SHARE)
                .map(<[u8]>::to_vec),
        );
    }
    assert_ne!(shares[0], shares[1]);
}

/// req: 9147-5-02, 9147bis-5-01
#[test]
fn change_cipher_spec_is_dropped_and_never_sent() {
    let mut puppet = Puppet::client();
    puppet.send_record(0, ContentType(20), &[1]);
    puppet.assert_silent();
    puppet.say_hello(|hello| hello.session_id = vec![7; 32]);
    puppet.send_record(0, ContentType(20), &[1]);
    let answer = puppet.answer(as_it_is);
    puppet.send(&answer);
    puppet.send_record(0, ContentType(20), &[1]);
    assert!(puppet.end.is_connected() && puppet.end.error().is_none());
    assert!(puppet.seen.iter().all(|seen| seen.kind != ContentType(20)));
    assert_eq!(puppet.alerts(), []);
}

/// req: 8446-9.1-01, 8446-9.1-02
#[test]
fn everything_a_server_has_to_have_is_accepted_by_default() {
    for (suite, group) in [
        (CipherSuite::TLS_AES_128_GCM_SHA256, NamedGroup::SECP256R1),
        (CipherSuite::TLS_AES_256_GCM_SHA384, NamedGroup::X25519),
        (CipherSuite::TLS_CHACHA20_POLY1305_SHA256, NamedGroup::X25519),
    ] {
        let mut puppet = Puppet::client();
        puppet.suite = suite;
        puppet.group = group;
        puppet.connect();
        let summary = puppet.conn().summary().expect("connected").clone();
        assert_eq!((summary.cipher_suite, summary.group), (suite, group));
    }
    let config = dtls_core::ServerConfig::new(common::provider(1)).common;
    for scheme in [0x0401, 0x0804, 0x0403] {
        assert!(config.signature_schemes.iter().any(|s| s.0 == scheme), "{scheme:#x}");
    }
    assert_eq!(AlertDescription::PROTOCOL_VERSION.0, 70);
}
