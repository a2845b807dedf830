//! HelloRetryRequest and cookies, both roles (RFC 8446 4.1.4, 4.2.2, RFC 9147 5.1).

mod common;

use common::puppet::{Hello, Puppet, as_it_is, cookie_extension, server_hello};
use dtls_core::crypto::{CipherSuite, NamedGroup};
use dtls_core::wire::alert::AlertDescription;
use dtls_core::wire::extension::ExtensionType;
use dtls_core::wire::handshake::HandshakeType;
use dtls_core::{CookiePolicy, Error, PeerMisbehaved};
use rstest::rstest;

/// The second hello is the first with the cookie, and both sides hash the same: the puppet
/// checks our Finished, our client checks the puppet's.
/// req: 9147-5.1-02, 8446-4.2.2-01, 8446-4.1.2-01, 9147-5.1-05, 9147-5.1-06, 9147-11-02
/// req: 8446-4.4.1-01, 9147-5.2-03
#[test]
fn a_client_repeats_its_hello_with_the_cookie_and_changes_nothing_else() {
    let mut puppet = Puppet::server();
    let first = puppet.client_hello();
    let retry = puppet.retry_request(None, Some(b"a cookie"), as_it_is);
    puppet.send(&[retry]);
    let mut second = puppet.client_hello();
    assert_eq!(second.get(ExtensionType::COOKIE), Some(&cookie_extension(b"a cookie")[..]));
    second.remove(ExtensionType::COOKIE);
    assert_eq!(second, first);
    let numbers: Vec<_> = puppet.messages.iter().map(|message| message.seq).collect();
    assert_eq!(numbers, [0, 1]);
    let flight = puppet.flight(as_it_is);
    assert_eq!(flight[0].seq, 1, "ServerHello goes on behind the HelloRetryRequest");
    puppet.send(&flight);
    assert!(puppet.end.is_connected());
    assert!(puppet.conn().summary().is_some_and(|summary| summary.retried));
}

/// req: 8446-4.2.8-03, 8446-4.2.8-04, 8446-4.1.2-01, 8446-4.2.8-06
#[test]
fn a_client_asked_for_another_group_sends_that_share_alone() {
    let mut puppet = Puppet::server();
    let first = puppet.client_hello();
    let retry = puppet.retry_request(Some(NamedGroup::SECP256R1), None, as_it_is);
    puppet.send(&[retry]);
    let mut second = puppet.client_hello();
    let share = second.get(ExtensionType::KEY_SHARE).expect("a share").to_vec();
    assert_eq!((&share[..6], share.len()), (&[0, 69, 0, 23, 0, 65][..], 71));
    second.set(ExtensionType::KEY_SHARE, first.get(ExtensionType::KEY_SHARE).expect("a share"));
    assert_eq!(second, first);
    puppet.group = NamedGroup::SECP256R1;
    let flight = puppet.flight(as_it_is);
    puppet.send(&flight);
    assert!(puppet.end.is_connected());
}

/// req: 8446-4.1.4-02, 8446-4.1.4-03, 8446-4.2.8-03, 8446-4.1.4-06, 8446-4.2-01, 8446-4.2-02
#[rstest]
#[case::no_change(None, None, |_: &mut Hello| (), PeerMisbehaved::RetryWithoutChange)]
#[case::a_share_it_has(Some(NamedGroup::X25519), None, |_: &mut Hello| (), PeerMisbehaved::RetryForWrongGroup(NamedGroup::X25519))]
#[case::a_group_not_offered(Some(NamedGroup(0x3a3a)), None, |_: &mut Hello| (), PeerMisbehaved::RetryForWrongGroup(NamedGroup(0x3a3a)))]
#[case::suite(None, Some(&b"c"[..]), |h: &mut Hello| h.suites = vec![0xc02b], PeerMisbehaved::UnofferedCipherSuite(CipherSuite(0xc02b)))]
#[case::compression(None, Some(&b"c"[..]), |h: &mut Hello| h.compression = vec![1], PeerMisbehaved::LegacyCompression)]
#[case::an_echo(None, Some(&b"c"[..]), |h: &mut Hello| h.session_id = vec![1], PeerMisbehaved::SessionIdEchoed)]
#[case::version(None, Some(&b"c"[..]), |h: &mut Hello| h.set(ExtensionType::SUPPORTED_VERSIONS, &[0xfe, 0xfd]), PeerMisbehaved::UnofferedVersion(0xfefd))]
#[case::unasked_for(None, Some(&b"c"[..]), |h: &mut Hello| h.set(ExtensionType::ALPN, &[]), PeerMisbehaved::UnofferedExtension(ExtensionType::ALPN))]
#[case::misplaced(None, Some(&b"c"[..]), |h: &mut Hello| h.set(ExtensionType::SERVER_NAME, &[]), PeerMisbehaved::MisplacedExtension(ExtensionType::SERVER_NAME))]
fn a_retry_request_that_breaks_a_rule_gets_its_alert(
    #[case] group: Option<NamedGroup>,
    #[case] cookie: Option<&[u8]>,
    #[case] change: impl Fn(&mut Hello),
    #[case] error: PeerMisbehaved,
) {
    let mut puppet = Puppet::server();
    let retry = puppet.retry_request(group, cookie, server_hello(change));
    puppet.forget();
    puppet.send(&[retry]);
    puppet.assert_failed(error, 0);
}

/// req: 9147-5.1-19, 8446-4.1.4-04
#[test]
fn a_client_does_not_retry_twice() {
    let mut puppet = Puppet::server();
    let retry = puppet.retry_request(None, Some(b"a cookie"), as_it_is);
    puppet.send(&[retry]);
    let retry = puppet.retry_request(Some(NamedGroup::SECP256R1), Some(b"another"), as_it_is);
    puppet.forget();
    puppet.send(&[retry]);
    puppet.assert_failed(PeerMisbehaved::SecondRetry, 0);
}

/// req: 8446-4.1.4-05, 8446-4.1.4-06, 8446-4.2.8-06
#[rstest]
#[case::suite(|h: &mut Hello| h.suites = vec![0x1302], PeerMisbehaved::CipherSuiteChanged)]
#[case::version(|h: &mut Hello| h.set(ExtensionType::SUPPORTED_VERSIONS, &[0xfe, 0xfd]), PeerMisbehaved::UnofferedVersion(0xfefd))]
#[case::group(|h: &mut Hello| h.set(ExtensionType::KEY_SHARE, &[&[0, 29, 0, 32][..], &[9; 32]].concat()), PeerMisbehaved::GroupChanged)]
fn a_server_hello_has_to_keep_what_the_retry_request_said(
    #[case] change: impl Fn(&mut Hello),
    #[case] error: PeerMisbehaved,
) {
    let mut puppet = Puppet::server();
    let retry = puppet.retry_request(Some(NamedGroup::SECP256R1), None, as_it_is);
    puppet.send(&[retry]);
    puppet.group = NamedGroup::SECP256R1;
    let flight = puppet.flight(server_hello(change));
    puppet.forget();
    puppet.send(&flight);
    puppet.assert_failed(error, 0);
}

/// The puppet's hello after the listener's HelloRetryRequest, with these changes.
fn second_hello(puppet: &mut Puppet, change: impl FnOnce(&mut Hello)) {
    let cookie = cookie_extension(&puppet.cookie());
    puppet.forget();
    puppet.say_hello(|hello| {
        hello.set(ExtensionType::COOKIE, &cookie);
        change(hello);
    });
}

/// req: 9147-5.1-06, 8446-4.4.1-01, 9147-5.2-03, 9147-5.2-09, 8446-4.1.4-07, 9147-5.1-02
#[test]
fn a_server_that_kept_nothing_goes_on_from_the_cookie() {
    let mut puppet = Puppet::client_before(CookiePolicy::Always, |_| ());
    // Both suites in both hellos: the server decides for the same one again.
    let suites = [0x1302, 0x1301];
    puppet.say_hello(|hello| hello.suites = suites.to_vec());
    assert!(puppet.end.connection.is_none(), "no state for a stranger");
    let retry = puppet.messages[0].clone();
    assert_eq!((retry.msg_type, retry.seq), (HandshakeType::SERVER_HELLO, 0));
    second_hello(&mut puppet, |hello| hello.suites = suites.to_vec());
    let hello = &puppet.messages[1];
    assert_eq!((hello.msg_type, hello.seq), (HandshakeType::SERVER_HELLO, 1));
    assert_eq!(Hello::server(&hello.body).suites, Hello::server(&retry.body).suites);
    let seqs: Vec<_> = puppet.messages.iter().map(|message| message.seq).collect();
    assert_eq!(seqs, [0, 1, 2, 3, 4, 5]);
    // The puppet has checked the server's Finished, the server checks the puppet's.
    let answer = puppet.answer(as_it_is);
    puppet.send(&answer);
    assert!(puppet.end.is_connected());
    assert!(puppet.fragment_types().iter().all(|t| *t != HandshakeType::HELLO_VERIFY_REQUEST));
}

/// A client that asks for a group without a share is answered once for both.
/// req: 8446-4.1.1-02, 8446-4.2.8-04
#[test]
fn one_retry_asks_for_cookie_and_group() {
    let mut puppet = Puppet::client_before(CookiePolicy::Always, |_| ());
    puppet.say_hello(|hello| hello.set(ExtensionType::KEY_SHARE, &[0, 0]));
    let retry = Hello::server(&puppet.messages[0].body);
    assert_eq!(retry.get(ExtensionType::KEY_SHARE), Some(&[0, 29][..]));
    second_hello(&mut puppet, |_| ());
    let answer = puppet.answer(as_it_is);
    puppet.send(&answer);
    assert!(puppet.end.is_connected());
}

/// req: 9147-5.1-17, 8446-4.2.2-01
#[rstest]
#[case::changed(|c: &mut Vec<u8>| c[0] ^= 1)]
#[case::cut(|c: &mut Vec<u8>| c.truncate(10))]
#[case::longer(|c: &mut Vec<u8>| c.push(0))]
fn a_cookie_that_is_not_ours_is_refused(#[case] change: impl Fn(&mut Vec<u8>)) {
    let mut puppet = Puppet::client_before(CookiePolicy::Always, |_| ());
    puppet.say_hello(|_| ());
    let mut cookie = puppet.cookie();
    change(&mut cookie);
    puppet.forget();
    puppet.say_hello(|hello| hello.set(ExtensionType::COOKIE, &cookie_extension(&cookie)));
    puppet.assert_turned_away(AlertDescription::ILLEGAL_PARAMETER);
}

/// req: 9147-5.1-17, 9147-5.1-08
#[test]
fn a_good_cookie_from_another_address_or_in_a_first_hello_is_refused() {
    let mut puppet = Puppet::client_before(CookiePolicy::Always, |_| ());
    puppet.say_hello(|_| ());
    puppet.address = b"\x7f\0\0\x02\x10\0".to_vec();
    second_hello(&mut puppet, |_| ());
    puppet.assert_turned_away(AlertDescription::ILLEGAL_PARAMETER);

    let mut puppet = Puppet::client_before(CookiePolicy::Always, |_| ());
    puppet.say_hello(|_| ());
    puppet.next_seq = 0;
    second_hello(&mut puppet, |_| ());
    puppet.assert_turned_away(AlertDescription::ILLEGAL_PARAMETER);
}

/// The puppet's second hello to a server that asked for a group and remembers the first.
fn after_stateful_retry(change: impl FnOnce(&mut Hello)) -> Puppet {
    let mut puppet = Puppet::client();
    puppet.say_hello(|hello| {
        hello.set(ExtensionType::KEY_SHARE, &[0, 0]);
        hello.suites = vec![0x1301, 0x1302];
    });
    puppet.forget();
    puppet.say_hello(|hello| {
        hello.suites = vec![0x1301, 0x1302];
        change(hello);
    });
    puppet
}

/// req: 9147-5.1-05, 8446-4.1.2-01, 8446-4.2.8-04, 8446-4.1.4-07
#[rstest]
#[case::random(|h: &mut Hello| h.random = [7; 32], PeerMisbehaved::ClientHelloChanged)]
#[case::session_id(|h: &mut Hello| h.session_id = vec![7], PeerMisbehaved::ClientHelloChanged)]
#[case::suites(|h: &mut Hello| h.suites = vec![0x1302], PeerMisbehaved::ClientHelloChanged)]
#[case::more_suites(|h: &mut Hello| h.suites.push(0x1303), PeerMisbehaved::ClientHelloChanged)]
#[case::an_extension_more(|h: &mut Hello| h.set(ExtensionType::ALPN, &[0, 2, 1, 65]), PeerMisbehaved::ClientHelloChanged)]
#[case::other_schemes(|h: &mut Hello| h.set(ExtensionType::SIGNATURE_ALGORITHMS, &[0, 4, 4, 3, 8, 4]), PeerMisbehaved::ClientHelloChanged)]
#[case::an_unknown_extension(|h: &mut Hello| h.set(ExtensionType(0x5a5a), &[1]), PeerMisbehaved::ClientHelloChanged)]
#[case::no_share(|h: &mut Hello| h.set(ExtensionType::KEY_SHARE, &[0, 0]), PeerMisbehaved::WrongKeyShareAfterRetry)]
fn a_second_hello_may_not_change_what_it_likes(
    #[case] change: impl FnOnce(&mut Hello),
    #[case] error: PeerMisbehaved,
) {
    after_stateful_retry(change).assert_failed(error, 0);
}

/// req: 8446-4.1.2-01, 9147-5.1-05
#[test]
fn a_second_hello_may_bring_the_share_and_padding() {
    let mut puppet = after_stateful_retry(|hello| {
        hello.set(ExtensionType::PADDING, &[0; 40]);
        hello.extensions.reverse();
    });
    let answer = puppet.answer(as_it_is);
    puppet.send(&answer);
    assert!(puppet.end.is_connected());
}

/// req: 8446-4.2.8-04
#[test]
fn a_second_hello_with_shares_that_were_not_asked_for_is_refused() {
    let mut puppet = Puppet::client_before(CookiePolicy::Always, |_| ());
    let offer = |hello: &mut Hello| {
        hello.set(ExtensionType::SUPPORTED_GROUPS, &[0, 4, 0, 29, 0, 23]);
    };
    puppet.say_hello(|hello| {
        offer(hello);
        hello.set(ExtensionType::KEY_SHARE, &[0, 0]);
    });
    second_hello(&mut puppet, |hello| {
        offer(hello);
        let mut body = hello.get(ExtensionType::KEY_SHARE).expect("a share").to_vec();
        body.extend_from_slice(&[0, 23, 0, 65]);
        body.extend_from_slice(&[4; 65]);
        let len = (body.len() - 2) as u16;
        body[..2].copy_from_slice(&len.to_be_bytes());
        hello.set(ExtensionType::KEY_SHARE, &body);
    });
    assert_eq!(puppet.end.error(), Some(&Error::from(PeerMisbehaved::WrongKeyShareAfterRetry)));
}

/// req: 9147-11-05
#[test]
fn a_cookie_does_not_tell_what_the_hello_said() {
    let mut puppet = Puppet::client_before(CookiePolicy::Always, |_| ());
    puppet.say_hello(|hello| {
        let name = b"secret.example";
        let body = [&[0, 17, 0, 0, 14][..], name].concat();
        hello.set(ExtensionType::SERVER_NAME, &body);
    });
    let cookie = puppet.cookie();
    assert!(!cookie.windows(6).any(|bytes| bytes == b"secret"));
    assert!(!cookie.windows(8).any(|bytes| bytes == [0xc1; 8]), "the random");
}

/// req: 9147-5.8.1-03, 9147-5.2-03
#[test]
fn a_retry_request_is_sent_again_only_when_the_hello_comes_again() {
    let mut puppet = Puppet::client();
    let mut hello = puppet.offer();
    hello.set(ExtensionType::KEY_SHARE, &[0, 0]);
    let message = puppet.hello_message(&hello);
    puppet.send(std::slice::from_ref(&message));
    assert_eq!(puppet.datagrams.len(), 1);
    puppet.sleep_ms(60_000);
    assert_eq!(puppet.datagrams.len(), 1, "it has no timer");
    puppet.send(&[message]);
    assert_eq!(puppet.datagrams.len(), 2);
    let fragments = puppet.fragments();
    assert_eq!((fragments[0].seq, &fragments[0].body), (0, &fragments[1].body));
    assert_eq!(fragments[1].seq, 0);
    assert!(fragments[0].number < fragments[1].number);
}

#[test]
fn the_listeners_retry_request_and_the_server_hello_never_share_a_record_number() {
    let mut puppet = Puppet::client_before(CookiePolicy::Always, |_| ());
    puppet.say_hello(|_| ());
    let retry = puppet.seen[0].number;
    second_hello(&mut puppet, |_| ());
    assert!(retry < puppet.seen[0].number);
}
