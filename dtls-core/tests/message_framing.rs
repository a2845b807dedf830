//! Handshake messages on the wire: numbers, fragments, packing, and where keys may change
//! (RFC 9147 5.2, 5.5, RFC 8446 5.1).

mod common;

use common::puppet::{Puppet, as_it_is, fragment, fragments_of};
use dtls_core::wire::ContentType;
use dtls_core::wire::handshake::HandshakeType;
use dtls_core::wire::header::PlaintextRecord;
use dtls_core::{Error, Event, InvalidMessage, Limit, PeerMisbehaved, SendError};
use rstest::rstest;

/// req: 9147-5.2-03, 9147-5.2-04
#[test]
fn messages_after_the_handshake_go_on_counting() {
    let mut puppet = Puppet::client();
    puppet.connect();
    let now = puppet.now();
    puppet.conn().update_keys(now).expect("connected");
    puppet.pump();
    let seqs: Vec<_> = puppet.messages.iter().map(|message| message.seq).collect();
    assert_eq!(seqs, [0, 1, 2, 3, 4, 5], "ServerHello to Finished, then KeyUpdate");
    // The server expects the same of the client: its third message has number 2.
    puppet.forget();
    let update = puppet.message(3, HandshakeType::KEY_UPDATE, &[0]);
    assert_eq!(update.seq, 2);
    puppet.send(std::slice::from_ref(&update));
    assert_eq!(puppet.conn().stats().key_updates_received, 1);
    // One that begins again at 0 is taken for an old message.
    let epoch = puppet.next_write_epoch();
    let mut old = update;
    (old.epoch, old.seq) = (epoch, 0);
    puppet.send(&[old]);
    assert_eq!(puppet.conn().stats().key_updates_received, 1);
}

/// Each update takes a message number and an epoch; where either ends, no more are begun, and
/// nothing starts over at 0.
/// req: 9147bis-5.2-01, 9147-4.2.1-08, 9147-6.1-07
#[test]
fn numbers_and_epochs_end_and_never_wrap() {
    let mut puppet = Puppet::server();
    puppet.connect();
    let mut last = (0, 0);
    let refused = loop {
        let now = puppet.now();
        if let Err(error) = puppet.conn().update_keys(now) {
            break error;
        }
        puppet.pump();
        let update = puppet.fragments().last().expect("a KeyUpdate").clone();
        assert!((update.number.epoch, update.seq) > last);
        last = (update.number.epoch, update.seq);
        puppet.next_read_epoch();
        puppet.ack(3, &[update.number]);
        puppet.forget();
        puppet.end.events.clear();
        puppet.messages.clear();
    };
    assert_eq!(refused, SendError::LimitReached(Limit::Epoch));
    assert_eq!(last, (0xfffe, 0xfffd), "the last update leads to epoch 65535");
    // The peer's wish for one more is heard and not obeyed.
    let update = puppet.message(3, HandshakeType::KEY_UPDATE, &[1]);
    puppet.send(&[update]);
    assert_eq!(puppet.fragments(), []);
    assert_eq!(puppet.end.error(), None);
}

/// req: 9147-5.5-10
#[test]
fn messages_of_a_flight_share_records_and_datagrams() {
    let mut puppet = Puppet::server();
    let flight = puppet.flight(as_it_is);
    let hello = puppet.message_record(&flight[0]);
    // EncryptedExtensions, Certificate and half of CertificateVerify, then the rest.
    let (half, end) = (20, flight[3].body.len());
    let first = [flight[1].whole(), flight[2].whole(), flight[3].fragment(0, half)].concat();
    let second = [flight[3].fragment(half, end), flight[4].whole()].concat();
    let first = puppet.record(2, ContentType::HANDSHAKE, &first);
    let second = puppet.record(2, ContentType::HANDSHAKE, &second);
    puppet.deliver([hello, first, second].concat());
    assert!(puppet.end.is_connected());

    // Our side packs too, and puts the whole flight in one datagram.
    let mut puppet = Puppet::client();
    puppet.say_hello(|_| ());
    assert_eq!(puppet.datagrams.len(), 1);
    let packed = puppet.seen.iter().map(fragments_of).map(|f| f.len()).collect::<Vec<_>>();
    assert_eq!(packed, [1, 4]);
}

/// req: 8446-5.1-01
#[rstest]
#[case::server_hello(0)]
#[case::finished(4)]
fn nothing_follows_a_key_change_in_its_record(#[case] index: usize) {
    let mut puppet = Puppet::server();
    let flight = puppet.flight(as_it_is);
    puppet.forget();
    puppet.send(&flight[..index]);
    let behind = fragment(HandshakeType::NEW_SESSION_TICKET, 4, 9, 0, &[0; 4]);
    let content = [flight[index].whole(), behind].concat();
    puppet.send_record(flight[index].epoch, ContentType::HANDSHAKE, &content);
    puppet.assert_failed(PeerMisbehaved::MessageBehindKeyChange, flight[index].epoch);
}

/// req: 8446-5.1-01
#[test]
fn nothing_follows_a_key_update_in_its_record_nor_a_hello() {
    let mut puppet = Puppet::server();
    puppet.connect();
    let update = puppet.message(3, HandshakeType::KEY_UPDATE, &[0]).whole();
    puppet.send_record(3, ContentType::HANDSHAKE, &[&update[..], &update].concat());
    puppet.assert_failed(PeerMisbehaved::MessageBehindKeyChange, 3);

    let mut puppet = Puppet::client();
    let hello = puppet.offer();
    let hello = puppet.hello_message(&hello).whole();
    let behind = fragment(HandshakeType::FINISHED, 4, 1, 0, &[0; 4]);
    puppet.send_record(0, ContentType::HANDSHAKE, &[hello, behind].concat());
    puppet.assert_failed(PeerMisbehaved::MessageBehindKeyChange, 0);
}

/// req: 8446-5.1-01
#[test]
fn our_own_records_end_where_keys_change() {
    let mut client = Puppet::server_for_client_with_certificate();
    client.request_certificate = true;
    client.connect_seen();
    let mut server = Puppet::client();
    server.say_hello(|_| ());
    let answer = server.answer(as_it_is);
    server.send(&answer);
    for puppet in [&mut client, &mut server] {
        let now = puppet.now();
        puppet.conn().update_keys(now).expect("connected");
        puppet.pump();
        let mut changes = 0;
        for seen in &puppet.seen {
            let fragments = fragments_of(seen);
            let ends = |f: &common::puppet::SeenFragment| f.msg_type.ends_epoch();
            changes += fragments.iter().filter(|f| ends(f)).count();
            assert!(fragments.iter().rev().skip(1).all(|fragment| !ends(fragment)));
        }
        assert_eq!(changes, 3, "hello, Finished, KeyUpdate");
    }
}

/// Both ends of a long way: a handshake cut into the smallest datagrams, each of which holds
/// whole records and stands for itself.
/// req: 9147-5.5-03, 9147-4.3-06, 9147-4.3-05
#[test]
fn records_never_reach_over_datagrams() {
    let mut puppet = Puppet::client_for(|config| config.common.mtu = dtls_core::MIN_MTU);
    if let Some((_, _, chain)) = &mut puppet.end.credential {
        chain[0].extend_from_slice(&[0; 600]);
    }
    puppet.say_hello(|_| ());
    let answer = puppet.answer(as_it_is);
    puppet.send(&answer);
    assert!(puppet.end.is_connected());
    assert!(puppet.datagrams.len() > 4);
    assert!(puppet.datagrams.iter().all(|datagram| datagram.len() <= dtls_core::MIN_MTU));
    assert!(puppet.fragments().iter().any(|f| (f.body.len() as u32) < f.length));

    // The same the other way: a record cut in two is noise, twice.
    let mut puppet = Puppet::server();
    puppet.connect();
    let data = puppet.record(3, ContentType::APPLICATION_DATA, b"one piece");
    let (head, tail) = data.split_at(20);
    puppet.deliver(head.to_vec());
    puppet.deliver(tail.to_vec());
    assert!(puppet.end.received.is_empty());
    puppet.assert_silent();
    puppet.deliver(data);
    assert_eq!(puppet.end.received, [b"one piece"]);
}

/// req: 9147-5.5-04, 9147-5.5-05
#[test]
fn a_flight_in_shreds_and_backwards_is_put_together() {
    let mut puppet = Puppet::server();
    let flight = puppet.flight(as_it_is);
    puppet.send(&flight[..1]);
    for message in flight[1..].iter().rev() {
        let len = message.body.len();
        let mut at: Vec<_> = (0..len).step_by(40).collect();
        at.reverse();
        for from in at {
            // With some overlap, as after a change of the MTU.
            let piece = message.fragment(from.saturating_sub(3), (from + 40).min(len));
            puppet.send_record(2, ContentType::HANDSHAKE, &piece);
        }
    }
    assert!(puppet.end.is_connected());
}

/// req: 9147-5.5-02, 9147-5.5-07, 9147-5.5-08, 9147-5.5-09, 8446-6-02
#[rstest]
#[case::another_length(fragment(HandshakeType::CERTIFICATE, 999, 2, 50, &[0; 9]), PeerMisbehaved::FragmentMismatch.into())]
#[case::another_type(fragment(HandshakeType::FINISHED, 0, 2, 0, &[]), PeerMisbehaved::FragmentMismatch.into())]
#[case::past_the_end(fragment(HandshakeType::CERTIFICATE, 8, 2, 5, &[0; 9]), InvalidMessage::Fragment.into())]
#[case::empty_piece(fragment(HandshakeType::CERTIFICATE, 8, 2, 5, &[]), InvalidMessage::Fragment.into())]
#[case::cut(vec![11, 0, 0, 9, 0, 2, 0], InvalidMessage::Fragment.into())]
#[case::too_long(fragment(HandshakeType::CERTIFICATE_VERIFY, 0x00ff_ffff, 3, 0, &[0; 9]), InvalidMessage::MessageTooLong { length: 0x00ff_ffff }.into())]
fn a_fragment_that_contradicts_gets_its_alert(#[case] bad: Vec<u8>, #[case] error: Error) {
    let mut puppet = Puppet::server();
    let flight = puppet.flight(as_it_is);
    puppet.send(&flight[..2]);
    let piece = flight[2].fragment(0, 40);
    puppet.send_record(2, ContentType::HANDSHAKE, &piece);
    puppet.forget();
    puppet.send_record(2, ContentType::HANDSHAKE, &bad);
    puppet.assert_failed(error, 2);
}

/// In epoch 0 anybody can write: what does not hold together there is dropped.
/// req: 9147-4.5.2-01
#[test]
fn a_crooked_plaintext_fragment_is_dropped() {
    let mut puppet = Puppet::server();
    puppet.forget();
    let past_the_end = fragment(HandshakeType::SERVER_HELLO, 8, 0, 5, &[0; 9]);
    puppet.send_record(0, ContentType::HANDSHAKE, &past_the_end);
    puppet.send_record(0, ContentType::HANDSHAKE, &[2, 0]);
    puppet.send_record(0, ContentType::HANDSHAKE, &[]);
    let huge = fragment(HandshakeType::SERVER_HELLO, 0x00ff_ffff, 0, 0, &[0; 9]);
    puppet.send_record(0, ContentType::HANDSHAKE, &huge);
    puppet.assert_silent();
    puppet.connect();
}

/// req: 9147-5.2-06, 9147-5.2-08
#[test]
fn a_message_ahead_of_its_turn_waits_for_it() {
    let mut puppet = Puppet::server();
    puppet.connect();
    let ticket = [0, 0, 0, 9, 1, 2, 3, 4, 1, 0, 0, 2, 7, 7, 0, 0];
    let ticket = puppet.message(3, HandshakeType::NEW_SESSION_TICKET, &ticket);
    let update = puppet.message(3, HandshakeType::KEY_UPDATE, &[0]);
    let events = |puppet: &Puppet| {
        let late = &puppet.end.events[2..];
        late.iter().map(|e| matches!(e, Event::TicketReceived)).collect::<Vec<_>>()
    };
    puppet.send(&[update]);
    assert_eq!(events(&puppet), []);
    puppet.send(&[ticket]);
    assert_eq!(events(&puppet), [true, false], "the ticket, then the key change");
}

/// req: 9147-4-04, 9147-4.2.3-08
#[test]
fn plaintext_headers_say_fefd_and_show_their_number_openly() {
    let mut puppet = Puppet::server();
    let retry = puppet.retry_request(None, Some(b"c"), as_it_is);
    puppet.send(&[retry]);
    puppet.sleep_ms(3000);
    let mut server = Puppet::client();
    server.say_hello(|_| ());
    server.sleep_ms(3000);
    for puppet in [&puppet, &server] {
        let plain: Vec<_> = puppet.datagrams.iter().filter(|d| d[0] == 22).collect();
        assert!(plain.len() > 2);
        for (index, datagram) in plain.into_iter().enumerate() {
            let record = PlaintextRecord::parse(datagram).expect("a record");
            assert_eq!(datagram[1..3], [0xfe, 0xfd]);
            assert_eq!((record.epoch, record.sequence), (0, index as u64));
        }
    }
}
