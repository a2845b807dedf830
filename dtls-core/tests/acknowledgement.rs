//! What is acknowledged, when, in which epoch, and what an ACK does (RFC 9147 7).

mod common;

use std::time::Duration;

use common::puppet::{Message, Puppet, Shape, as_it_is, fragment, inner};
use dtls_core::wire::alert::AlertDescription;
use dtls_core::wire::handshake::HandshakeType;
use dtls_core::wire::{ContentType, RecordNumber};
use dtls_core::{ClientAuth, InvalidMessage, PeerMisbehaved};
use rstest::rstest;

const TICKET: [u8; 16] = [0, 0, 0, 9, 1, 2, 3, 4, 1, 0, 0, 2, 7, 7, 0, 0];

fn number(epoch: u64, sequence: u64) -> RecordNumber {
    RecordNumber::new(epoch, sequence)
}

/// req: 9147-5.7-01, 9147-7.1-04, 9147-7.3-01, 9147-7-10, 9147-14-01
#[test]
fn a_server_acknowledges_the_clients_last_flight_at_once_in_epoch_3() {
    let mut puppet = Puppet::client();
    puppet.say_hello(|_| ());
    puppet.forget();
    let answer = puppet.answer(as_it_is);
    puppet.send(&answer);
    assert_eq!(puppet.acks(), [(3, vec![number(2, 0)])]);
    assert_eq!(puppet.seen[0].kind.0, 26, "the registered content type");
    assert_eq!(puppet.seen[0].at, common::START, "at once");
    assert_eq!(puppet.seen.len(), 1);
}

/// req: 9147-5.7-01, 9147-7.1-04, 9147-7.3-01, 9147-7-10
#[test]
fn a_client_acknowledges_tickets_and_key_updates_in_its_newest_epoch() {
    let mut puppet = Puppet::server();
    puppet.connect();
    let ticket = puppet.message(3, HandshakeType::NEW_SESSION_TICKET, &TICKET);
    puppet.send(&[ticket]);
    assert_eq!(puppet.acks(), [(3, vec![puppet.last_number(3)])]);

    // Our side goes to epoch 4; its ACKs go there too, whatever epoch they name.
    let now = puppet.now();
    puppet.conn().update_keys(now).expect("connected");
    puppet.pump();
    let update = puppet.fragments().last().expect("a KeyUpdate").number;
    puppet.next_read_epoch();
    puppet.ack(3, &[update]);
    puppet.forget();
    let update = puppet.message(3, HandshakeType::KEY_UPDATE, &[0]);
    puppet.send(&[update]);
    assert_eq!(puppet.acks(), [(4, vec![puppet.last_number(3)])]);
}

/// req: 9147-5.8.1-04, 9147-7.1-04
#[test]
fn a_server_acknowledges_the_last_flight_again_for_two_segment_lifetimes() {
    let mut puppet = Puppet::client();
    puppet.say_hello(|_| ());
    let answer = puppet.answer(as_it_is);
    puppet.send(&answer);
    puppet.forget();
    puppet.sleep(Duration::from_secs(239));
    puppet.assert_silent();
    puppet.send(&answer);
    assert_eq!(puppet.acks(), [(3, vec![number(2, 1)])]);
    puppet.forget();
    // The client still repeats, so it may go on doing so.
    puppet.sleep(Duration::from_secs(239));
    puppet.send(&answer);
    assert_eq!(puppet.acks(), [(3, vec![number(2, 2)])]);
    puppet.forget();
    puppet.sleep(Duration::from_secs(241));
    puppet.send(&answer);
    puppet.assert_silent();
    assert_eq!(puppet.conn().stats().dropped.unknown_epoch, 1);
}

/// A client that has got a part of the server's flight says so after a quarter of the timer,
/// under the keys it has.
/// req: 9147-7-08, 9147-7.1-11, 9147-7-03, 9147-7.1-03
#[test]
fn a_part_of_a_flight_is_acknowledged_after_a_quarter_of_the_timer() {
    let mut puppet = Puppet::server();
    let flight = puppet.flight(as_it_is);
    puppet.forget();
    puppet.send(&flight[..2]);
    // What cannot be read is not acknowledged, nor is what is no handshake record.
    let mut forged = puppet.message_record(&flight[3]);
    *forged.last_mut().expect("bytes") ^= 1;
    puppet.deliver(forged);
    puppet.sleep_ms(249);
    puppet.assert_silent();
    puppet.sleep_ms(1);
    assert_eq!(puppet.acks(), [(2, vec![number(0, 0), number(2, 0)])]);
}

/// req: 9147-7-08
#[test]
fn an_ack_never_names_an_epoch_above_its_own_and_its_numbers_ascend() {
    let mut puppet = Puppet::server();
    let flight = puppet.flight(as_it_is);
    puppet.forget();
    // Backwards, so each is out of order and the quarter is not waited for.
    for message in [&flight[0], &flight[4], &flight[3], &flight[2]] {
        puppet.send(std::slice::from_ref(message));
    }
    puppet.sleep_ms(250);
    assert!(!puppet.acks().is_empty());
    for (epoch, numbers) in puppet.acks() {
        assert!(numbers.iter().all(|number| number.epoch <= epoch));
        assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]));
    }
    assert_eq!(puppet.acks().last().expect("an ACK").1.len(), 4);
}

/// req: 9147-7.1-02
#[test]
fn a_message_ahead_of_its_turn_is_acknowledged_sooner() {
    let mut puppet = Puppet::server();
    let flight = puppet.flight(as_it_is);
    puppet.send(&flight[..1]);
    puppet.forget();
    puppet.send(&flight[2..3]);
    puppet.sleep_ms(63);
    assert_eq!(puppet.acks(), [(2, vec![number(0, 0), number(2, 0)])]);
}

/// req: 9147-7-03, 9147-7-04
#[test]
fn a_record_of_which_something_was_thrown_away_is_not_acknowledged() {
    let mut puppet = Puppet::server();
    let flight = puppet.flight(as_it_is);
    puppet.send(&flight[..1]);
    puppet.forget();
    let far = fragment(HandshakeType::FINISHED, 4, 200, 0, &[0; 4]);
    puppet.send_record(2, ContentType::HANDSHAKE, &far);
    let mixed = [flight[1].whole(), far].concat();
    puppet.send_record(2, ContentType::HANDSHAKE, &mixed);
    puppet.send(&flight[2..3]);
    puppet.sleep_ms(250);
    assert_eq!(puppet.acks(), [(2, vec![number(0, 0), number(2, 2)])]);
    assert_eq!(puppet.conn().stats().dropped.fragment_refused, 2);
}

/// req: 9147-7.1-11, 9147-7-11
#[test]
fn neither_acks_nor_alerts_nor_data_are_acknowledged() {
    let mut puppet = Puppet::server();
    puppet.connect();
    puppet.send_data(3, b"data");
    puppet.ack(3, &[number(2, 0)]);
    puppet.ack(3, &[]);
    puppet.send_alert(3, 1, AlertDescription::USER_CANCELED);
    puppet.sleep_ms(10_000);
    puppet.assert_silent();
    // One datagram with data and a message: only the message's record is named.
    let update = puppet.message(3, HandshakeType::KEY_UPDATE, &[0]);
    let data = puppet.record(3, ContentType::APPLICATION_DATA, b"more");
    let update = puppet.message_record(&update);
    let named = puppet.last_number(3);
    puppet.deliver([data, update].concat());
    assert_eq!(puppet.acks(), [(3, vec![named])]);
}

/// req: 9147-7-11
#[test]
fn a_lost_ack_is_not_sent_again_before_the_message_comes_again() {
    let mut puppet = Puppet::server();
    puppet.connect();
    let ticket = puppet.message(3, HandshakeType::NEW_SESSION_TICKET, &TICKET);
    puppet.send(std::slice::from_ref(&ticket));
    puppet.forget();
    puppet.sleep_ms(100_000);
    puppet.assert_silent();
    puppet.send(&[ticket]);
    assert_eq!(puppet.acks(), [(3, vec![puppet.last_number(3)])]);
    assert_eq!(puppet.end.events.len(), 3, "Connected, Confirmed, one ticket");
}

/// req: 9147-7.2-05, 9147-7-05
#[test]
fn one_record_of_the_answer_acknowledges_the_whole_flight() {
    let mut puppet = Puppet::client_for(|config| config.client_auth = ClientAuth::Required);
    puppet.say_hello(|_| ());
    let answer = puppet.answer(as_it_is);
    puppet.forget();
    // Of the client's Certificate only ten bytes arrive.
    let piece = answer[0].fragment(0, 10);
    puppet.send_record(2, ContentType::HANDSHAKE, &piece);
    puppet.sleep_ms(20_000);
    assert_eq!(puppet.fragments(), [], "nothing of the server's flight is sent again");
}

/// req: 9147-7.2-05, 9147-7-05
#[test]
fn a_server_hello_alone_ends_the_repetition_of_the_client_hello() {
    let mut puppet = Puppet::server();
    let flight = puppet.flight(as_it_is);
    puppet.forget();
    puppet.send(&flight[..1]);
    puppet.sleep_ms(20_000);
    assert_eq!(puppet.fragments(), []);
}

/// req: 9147-7.1-12
#[test]
fn an_ack_without_entries_makes_a_server_send_its_flight_again() {
    let mut puppet = Puppet::client();
    puppet.say_hello(|_| ());
    let first = puppet.fragments();
    puppet.forget();
    puppet.ack(0, &[]);
    let again = puppet.fragments();
    assert_eq!(again.len(), first.len());
    assert!(first.iter().zip(&again).all(|(a, b)| a.body == b.body && a.number < b.number));
    // Once, that is: what anybody can write must not make a server send at will.
    puppet.forget();
    puppet.ack(0, &[]);
    puppet.assert_silent();
}

/// req: 9147bis-7-01, 9147bis-7.1-01
#[test]
fn nobody_acknowledges_before_the_version_is_known() {
    // A client that has got everything but the ServerHello, or half of it.
    let mut puppet = Puppet::server();
    let flight = puppet.flight(as_it_is);
    puppet.forget();
    puppet.send(&flight[1..]);
    let half = flight[0].fragment(0, 20);
    puppet.send_record(0, ContentType::HANDSHAKE, &half);
    puppet.sleep_ms(999);
    puppet.assert_silent();
    // A server that has got half a hello.
    let mut puppet = Puppet::client();
    let hello = puppet.offer();
    let hello = puppet.hello_message(&hello);
    let half = hello.fragment(50, 80);
    puppet.send_record(0, ContentType::HANDSHAKE, &half);
    puppet.sleep_ms(20_000);
    puppet.assert_silent();
}

/// req: 9147bis-7-02, 9147bis-7-03
#[test]
fn plaintext_acks_count_once_the_version_is_known_and_not_before() {
    let mut puppet = Puppet::server();
    puppet.forget();
    puppet.ack(0, &[number(0, 0)]);
    puppet.sleep_ms(1000);
    assert_eq!(puppet.fragment_types(), [HandshakeType::CLIENT_HELLO], "sent again all the same");
    puppet.ack(0, &[number(7, 7)]);
    assert_eq!(puppet.end.error(), None, "not even read");

    let mut puppet = Puppet::client();
    puppet.say_hello(|_| ());
    puppet.forget();
    puppet.ack(0, &[number(0, 0)]);
    let again = puppet.fragment_types();
    assert_eq!(again[0], HandshakeType::ENCRYPTED_EXTENSIONS, "ServerHello is settled");
}

/// req: 9147bis-7-04, 9147-6.1-02
#[test]
fn without_early_data_nothing_ever_goes_in_epoch_1() {
    let mut puppet = Puppet::server();
    let flight = puppet.flight(as_it_is);
    puppet.send(&flight[..3]);
    puppet.sleep_ms(5000);
    puppet.send(&flight[3..]);
    puppet.sleep_ms(5000);
    let protected = |puppet: &Puppet| {
        puppet
            .datagrams
            .iter()
            .filter(|d| d[0] & 0xe0 == 0x20)
            .map(|d| d[0] & 3)
            .collect::<Vec<_>>()
    };
    let bits = protected(&puppet);
    assert!(bits.len() > 3 && bits.iter().all(|bits| *bits >= 2), "{bits:?}");
}

/// req: 9147bis-7.2-01
#[test]
fn an_ack_of_the_handshake_that_names_a_later_epoch_is_fatal() {
    let mut puppet = Puppet::client();
    puppet.say_hello(|_| ());
    puppet.forget();
    puppet.ack(0, &[number(2, 0)]);
    puppet.assert_failed(PeerMisbehaved::AckForLaterEpoch, 2);

    let mut puppet = Puppet::server();
    let flight = puppet.flight(as_it_is);
    puppet.send(&flight);
    puppet.forget();
    puppet.ack(2, &[number(3, 0)]);
    puppet.assert_failed(PeerMisbehaved::AckForLaterEpoch, 3);
}

/// Sending epochs are each side's own: one that still sends in epoch 3 acknowledges there what
/// it got in epoch 4.
/// req: 9147bis-7.2-01
#[test]
fn after_the_handshake_an_ack_may_name_a_later_epoch() {
    let mut puppet = Puppet::server();
    puppet.connect();
    for _ in 0..2 {
        let now = puppet.now();
        puppet.conn().update_keys(now).expect("connected");
        puppet.pump();
        let update = puppet.fragments().last().expect("a KeyUpdate").number;
        puppet.next_read_epoch();
        puppet.ack(3, &[update]);
    }
    assert_eq!(puppet.end.error(), None);
    assert_eq!(puppet.conn().stats().key_updates_sent, 2);
}

/// req: 8446-6-02
#[rstest]
#[case(&[])]
#[case(&[0])]
#[case(&[0, 8, 0, 0, 0, 0, 0, 0, 0, 3])]
#[case(&[0, 0, 1])]
fn an_ack_that_does_not_parse_is_a_decode_error(#[case] content: &[u8]) {
    let mut puppet = Puppet::server();
    puppet.connect();
    puppet.send_record(3, ContentType::ACK, content);
    puppet.assert_failed(InvalidMessage::Ack, 3);
}

/// req: 9147-7.1-11
#[test]
fn a_repeated_message_is_acknowledged_again_under_its_new_number() {
    let mut puppet = Puppet::server();
    puppet.connect();
    let ticket = puppet.message(3, HandshakeType::NEW_SESSION_TICKET, &TICKET);
    puppet.send(std::slice::from_ref(&ticket));
    let record =
        puppet.seal(3, 1, Shape::default(), &inner(ContentType::HANDSHAKE, &ticket.whole(), 0));
    puppet.forget();
    // The same record again is a replay and draws nothing.
    puppet.deliver(record);
    puppet.assert_silent();
    puppet.send(&[ticket]);
    assert_eq!(puppet.acks(), [(3, vec![puppet.last_number(3)])]);
}

/// req: 9147-14-01
#[test]
fn code_points_are_the_registered_ones() {
    assert_eq!(ContentType::ACK.0, 26);
    assert_eq!(HandshakeType::REQUEST_CONNECTION_ID.0, 9);
    assert_eq!(HandshakeType::NEW_CONNECTION_ID.0, 10);
    assert_eq!(AlertDescription::TOO_MANY_CIDS_REQUESTED.0, 52);
    let message = Message { epoch: 3, msg_type: HandshakeType(9), seq: 0, body: vec![1] };
    assert_eq!(message.whole()[0], 9);
}
