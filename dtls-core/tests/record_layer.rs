//! Records, well-formed and otherwise, at the surface of a whole connection (RFC 9147 4, RFC
//! 8446 5).

mod common;

use common::puppet::{Puppet, Shape, as_it_is, fragment, inner};
use dtls_core::crypto::{AeadAlgorithm, CipherSuite, HashAlgorithm};
use dtls_core::key_schedule::TrafficSecret;
use dtls_core::record::open::ReadEpoch;
use dtls_core::record::seal::{PlaintextWriter, SealError, WriteEpoch};
use dtls_core::wire::ContentType;
use dtls_core::wire::handshake::HandshakeType;
use dtls_core::wire::header::{CiphertextHeader, PlaintextRecord};
use dtls_core::{ClientConfig, InvalidMessage, PeerIncompatible, PeerMisbehaved, SendError};
use rstest::rstest;

fn connected() -> Puppet {
    let mut puppet = Puppet::server();
    puppet.connect();
    puppet
}

/// A record of application data with the puppet's next number.
fn data(puppet: &mut Puppet, shape: Shape, content: &[u8], padding: usize) -> Vec<u8> {
    let number = puppet.take_number(3);
    puppet.seal(3, number, shape, &inner(ContentType::APPLICATION_DATA, content, padding))
}

/// req: 9147-4-06, 9147-4-08, 9147-4.2.3-01, 8446-5.4-01
#[rstest]
fn every_shape_of_header_and_any_padding_is_read(
    #[values(true, false)] short_number: bool,
    #[values(true, false)] no_length: bool,
    #[values(0, 1, 700)] padding: usize,
) {
    let mut puppet = connected();
    let shape = Shape { short_number, no_length, cid: false };
    for content in [&b"hello"[..], b"", b"zeros at the end\0\0"] {
        let record = data(&mut puppet, shape, content, padding);
        puppet.deliver(record);
        assert_eq!(puppet.end.received.pop().as_deref(), Some(content));
    }
    puppet.assert_silent();
}

/// req: 9147-4-11
#[test]
fn a_record_without_length_takes_the_rest_of_its_datagram() {
    let mut puppet = connected();
    let no_length = Shape { no_length: true, ..Shape::default() };
    let first = data(&mut puppet, Shape::default(), b"first", 0);
    let last = data(&mut puppet, no_length, b"last", 0);
    puppet.deliver([first, last].concat());
    assert_eq!(puppet.end.received, [&b"first"[..], b"last"]);
    // With another record behind it, it is one long record that does not authenticate.
    let swallows = data(&mut puppet, no_length, b"lost", 0);
    let swallowed = data(&mut puppet, Shape::default(), b"lost too", 0);
    puppet.deliver([swallows, swallowed].concat());
    assert_eq!(puppet.end.received.len(), 2);
    assert_eq!(puppet.conn().stats().dropped.not_authentic, 1);
    puppet.assert_silent();
}

/// req: 9147-4-09
#[test]
fn plaintext_and_protected_records_share_datagrams() {
    let mut puppet = Puppet::server();
    let flight = puppet.flight(as_it_is);
    puppet.forget();
    puppet.send(&flight);
    assert!(puppet.end.is_connected(), "ServerHello and all behind it came in one datagram");
    let mut puppet = Puppet::client();
    puppet.say_hello(|_| ());
    assert_eq!(puppet.datagrams.len(), 1);
    let kinds: Vec<_> = puppet.seen.iter().map(|seen| seen.first_byte & 0xe0).collect();
    assert_eq!(kinds, [0, 0x20], "ours too");
}

/// req: 9147-4.1-04, 9147bis-4.5.2-01
#[rstest]
fn a_record_with_an_inner_type_of_no_meaning_is_dropped(
    #[values(1, 20, 24, 25, 27, 99, 255)] kind: u8,
) {
    let mut puppet = connected();
    puppet.send_record(3, ContentType(kind), b"what is this");
    puppet.assert_silent();
    assert_eq!(puppet.conn().stats().dropped.not_negotiated, 1);
    puppet.send_data(3, b"on we go");
    assert_eq!(puppet.end.received, [b"on we go"]);
}

/// None of these leaves a trace but a counter: the same connection takes them all and goes on.
/// req: 9147bis-4.5.2-01, 9147-4.5.2-01, 9147-11-07, 9147bis-4.5.2-02, 9147-4.3-05, 9147-4.2.3-05
/// req: 8446-5.2-01, 8446-5.2-02, 8446-5.4-03, 8446-5.4-04, 8446-5.1-06, 9147-6.1-06
/// req: 9147-4.2.2-05, 9147-4.5.2-04
#[test]
fn what_is_no_good_record_is_dropped_without_a_word() {
    let mut puppet = connected();
    let good = puppet.record(3, ContentType::APPLICATION_DATA, b"good");
    let mut forged = good.clone();
    forged[12] ^= 0x80;
    let number = puppet.take_number(3);
    let sealed = |inner: &[u8]| puppet.seal(3, number, Shape::default(), inner);
    let padded = |total: usize| {
        let mut inner = inner(ContentType::APPLICATION_DATA, b"long", 0);
        inner.resize(total, 0);
        inner
    };
    let with_cid = puppet.seal(3, number, Shape { cid: true, ..Shape::default() }, &padded(20));
    let bad = [
        vec![0],
        vec![64; 100],
        vec![255; 30],
        vec![23; 60],
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        vec![0x2f],
        vec![0x2f, 1, 2],
        vec![0x2f, 0, 1, 0, 15, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
        [&good[..3], &[0xff, 0xff], &good[5..]].concat(),
        good[..good.len() - 1].to_vec(),
        forged,
        // Epochs nobody has keys for.
        [&[good[0] & 0xfc], &good[1..]].concat(),
        [&[(good[0] & 0xfc) | 1], &good[1..]].concat(),
        with_cid,
        // No content type, and more than a record may hold.
        sealed(&[0; 30]),
        sealed(&padded((1 << 14) + 2)),
        sealed(&padded((1 << 14) + 300)),
        // Plaintext of any kind, now that there are keys.
        [&[23, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 5][..], b"clear"].concat(),
        vec![21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40],
        vec![21, 0xfe, 0xfd, 0, 3, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40],
        vec![26, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 0, 0],
        vec![22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 200, 1],
    ];
    let deadline = puppet.conn().deadline();
    let before = puppet.conn().stats().dropped.total();
    let count = bad.len() as u64;
    for (index, datagram) in bad.into_iter().enumerate() {
        puppet.deliver(datagram);
        puppet.assert_silent();
        let dropped = puppet.conn().stats().dropped.total() - before;
        assert_eq!(dropped, index as u64 + 1, "datagram {index}");
    }
    assert_eq!(puppet.conn().stats().dropped.total() - before, count);
    assert_eq!(puppet.conn().deadline(), deadline);
    puppet.sleep_ms(60_000);
    puppet.assert_silent();
    assert!(puppet.end.received.is_empty());
    puppet.deliver(good);
    assert_eq!(puppet.end.received, [b"good"]);
}

/// req: 8446-5.4-04, 8446-5.2-01
#[test]
fn a_record_may_be_exactly_as_long_as_allowed() {
    let mut puppet = connected();
    let content = vec![7; 1 << 14];
    let record = data(&mut puppet, Shape::default(), &content, 0);
    puppet.deliver(record);
    assert_eq!(puppet.end.received.pop(), Some(content));
    let record = data(&mut puppet, Shape::default(), b"padded", (1 << 14) - 6);
    puppet.deliver(record);
    assert_eq!(puppet.end.received.pop().as_deref(), Some(&b"padded"[..]));
}

/// req: 8446-5.1-05
#[test]
fn a_plaintext_record_longer_than_allowed_is_dropped() {
    let mut puppet = Puppet::client();
    let mut hello = puppet.offer();
    hello.set(dtls_core::wire::extension::ExtensionType::PADDING, &vec![0; 17_000]);
    let message = puppet.hello_message(&hello);
    let content = message.whole();
    assert!(content.len() > 1 << 14);
    puppet.send_record(0, ContentType::HANDSHAKE, &content);
    puppet.assert_silent();
    assert_eq!(puppet.conn().stats().dropped.total(), 1);
    // In two records it is a fine hello.
    let first = message.fragment(0, 10_000);
    puppet.send_record(0, ContentType::HANDSHAKE, &first);
    let second = message.fragment(10_000, message.body.len());
    puppet.send_record(0, ContentType::HANDSHAKE, &second);
    assert!(!puppet.messages.is_empty());
}

/// req: 8446-5.1-05, 9147-4.4-04, 9147-4-03, 9147-4-02
#[test]
fn a_sender_keeps_to_the_length_and_number_of_a_plaintext_record() {
    let mut out = vec![0; 20_000];
    let mut writer = PlaintextWriter::default();
    let handshake = ContentType::HANDSHAKE;
    assert_eq!(writer.seal(&mut out, (1 << 14) + 1, handshake), Err(SealError::NoRoom));
    assert!(writer.seal(&mut out, 1 << 14, handshake).is_ok());
    let mut writer = PlaintextWriter::starting_at((1 << 48) - 1);
    let (number, len) = writer.seal(&mut out, 1, handshake).expect("the last number");
    assert_eq!(number, (1 << 48) - 1);
    assert_eq!(PlaintextRecord::parse(&out[..len]).map(|r| r.sequence), Ok(number));
    assert_eq!(writer.seal(&mut out, 1, handshake), Err(SealError::Exhausted));
}

/// req: 9147-4.4-04, 8446-5.1-06
#[test]
fn the_application_cannot_write_too_much_nor_too_early() {
    let mut puppet = Puppet::server_for(|config| config.common.mtu = 60_000);
    let now = puppet.now();
    let mut buffer = vec![0; 70_000];
    let early = puppet.conn().seal_in_place(now, &mut buffer, 5..10);
    assert_eq!(early, Err(SendError::NotConnected));
    puppet.connect();
    let at = puppet.conn().headroom();
    let most = puppet.conn().max_payload();
    assert_eq!(most, 1 << 14);
    let too_long = puppet.conn().seal_in_place(now, &mut buffer, at..at + (1 << 14) + 1);
    assert_eq!(too_long, Err(SendError::TooLarge { max: 1 << 14 }));
    assert!(puppet.conn().seal_in_place(now, &mut buffer, at..at + (1 << 14)).is_ok());
}

/// Where datagrams may be longer than a record, a flight takes several records.
/// req: 9147-4.4-04, 8446-5.2-01
#[test]
fn a_long_message_is_cut_where_a_record_ends() {
    let mut puppet = Puppet::client_for(|config| config.common.mtu = 60_000);
    if let Some((_, _, chain)) = &mut puppet.end.credential {
        chain[0].resize(20_000, 0);
    }
    puppet.connect_seen();
    assert!(puppet.seen.iter().any(|seen| seen.content.len() == 1 << 14));
    assert!(puppet.seen.iter().all(|seen| seen.content.len() <= 1 << 14));
}

/// req: 8446-5.4-02
#[rstest]
#[case::handshake(ContentType::HANDSHAKE)]
#[case::alert(ContentType::ALERT)]
fn a_protected_record_without_content_is_an_error(#[case] kind: ContentType) {
    let mut puppet = connected();
    puppet.send_record(3, kind, b"");
    puppet.assert_failed(InvalidMessage::EmptyRecord, 3);
}

/// What is behind the content is zeros; something else is taken for the type.
/// req: 8446-5.4-01
#[test]
fn padding_is_zeros_only() {
    let mut puppet = connected();
    let number = puppet.take_number(3);
    let record = puppet.seal(3, number, Shape::default(), b"data\x17\0\0\x05");
    puppet.deliver(record);
    assert!(puppet.end.received.is_empty());
    assert_eq!(puppet.conn().stats().dropped.not_negotiated, 1);

    // What we pad ourselves: under CCM_8 a short record is brought to sixteen bytes.
    let provider = common::provider(1);
    let secret = TrafficSecret::from_bytes(HashAlgorithm::Sha256, &[5; 32]).expect("32 bytes");
    let aead = AeadAlgorithm::Aes128Ccm8;
    let keys = secret.record_keys(provider.as_ref(), aead).expect("keys");
    let mut write = WriteEpoch::new(provider.as_ref(), 3, &keys).expect("a key");
    let mut out = vec![0xaa; 100];
    let (sequence, len) =
        write.seal(&mut out, 0, ContentType::APPLICATION_DATA).expect("there is room");
    assert_eq!((sequence, len), (0, 5 + 16));
    let mut opener = provider.open_key(&keys.secrets()).expect("a key");
    let header = CiphertextHeader::parse(&out[..len], 0).expect("a header");
    let (head, body) = out[..len].split_at_mut(header.header_len);
    head[1..3].fill(0);
    let opened = opener.open(0, head, body).expect("it opens");
    assert_eq!(body[..opened], [23, 0, 0, 0, 0, 0, 0, 0]);
}

/// req: 9147-4.2.3-05, 9147-4.5.1-08
#[test]
fn a_record_too_short_to_sample_does_not_open_and_moves_nothing() {
    let provider = common::provider(1);
    let secret = TrafficSecret::from_bytes(HashAlgorithm::Sha256, &[5; 32]).expect("32 bytes");
    let keys = secret.record_keys(provider.as_ref(), AeadAlgorithm::Aes128Ccm8).expect("keys");
    let mut read = ReadEpoch::new(provider.as_ref(), 3, &keys).expect("a key");
    let mut record = vec![0x2f, 0, 9, 0, 15];
    record.extend_from_slice(&[1; 15]);
    let header = CiphertextHeader::parse(&record, 0).expect("a header");
    assert!(read.open(&mut record, &header).is_err());
    assert_eq!((read.highest(), read.failures()), (None, 1));
}

/// req: 9147-4.5.3-07
#[test]
fn ccm_8_is_used_only_by_those_who_ask_for_it() {
    let ccm_8 = CipherSuite::TLS_AES_128_CCM_8_SHA256;
    assert!(!ClientConfig::new(common::provider(1)).common.cipher_suites.contains(&ccm_8));
    let mut puppet = Puppet::client();
    puppet.suite = ccm_8;
    puppet.say_hello(|_| ());
    puppet.assert_failed(PeerIncompatible::NoCommonCipherSuite, 0);
    let mut puppet = Puppet::client_for(|config| config.common.cipher_suites = vec![ccm_8]);
    puppet.suite = ccm_8;
    puppet.connect();
}

/// req: 9147-4.1-04, 9147-6.1-01
#[test]
fn application_data_has_no_place_under_handshake_keys() {
    let mut puppet = Puppet::server();
    let flight = puppet.flight(as_it_is);
    puppet.send(&flight[..2]);
    puppet.forget();
    puppet.send_data(2, b"too early");
    puppet.assert_failed(PeerMisbehaved::ApplicationDataInHandshakeEpoch, 2);
}

/// An unknown handshake type inside a good record is the peer's mistake, not noise.
/// req: 9147bis-4.5.2-04, 9147-4.5.2-03
#[test]
fn wrong_content_of_a_good_record_is_answered_by_a_fatal_alert() {
    let mut puppet = connected();
    let unknown = HandshakeType(99);
    let content = fragment(unknown, 2, puppet.next_seq, 0, &[1, 2]);
    puppet.send_record(3, ContentType::HANDSHAKE, &content);
    puppet.assert_failed(PeerMisbehaved::UnexpectedMessage(unknown), 3);
}
