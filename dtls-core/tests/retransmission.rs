//! What is sent again, when and how (RFC 9147 5.8, 7.2).

mod common;

use std::time::Duration;

use common::START;
use common::puppet::{Puppet, SeenFragment, as_it_is};
use dtls_core::wire::handshake::HandshakeType;
use dtls_core::wire::{ContentType, RecordNumber};
use dtls_core::{ClientAuth, Error, Timeout};

const TICKET: [u8; 16] = [0, 0, 0, 9, 1, 2, 3, 4, 1, 0, 0, 2, 7, 7, 0, 0];

fn since_start(at: Duration) -> Duration {
    at.saturating_sub(START)
}

/// When our side sent, in milliseconds since the start.
fn times(puppet: &Puppet) -> Vec<u128> {
    let mut times: Vec<_> = puppet.seen.iter().map(|s| since_start(s.at).as_millis()).collect();
    times.dedup();
    times
}

/// req: 9147-5.8.1-02, 9147-5.8.2-01, 9147-5.8.2-07
#[test]
fn an_unanswered_hello_comes_after_one_second_two_four_and_so_on() {
    let mut puppet = Puppet::server_for(|config| {
        config.common.timers.handshake_timeout = Duration::from_secs(1000);
    });
    puppet.sleep(Duration::from_secs(200));
    let seconds: Vec<_> = times(&puppet).iter().map(|ms| ms / 1000).collect();
    assert_eq!(seconds, [0, 1, 3, 7, 15, 31, 63, 123, 183]);
    assert!(times(&puppet).iter().all(|ms| ms % 1000 == 0));
}

/// req: 9147-5.8.2-05
#[test]
fn media_may_begin_with_400_milliseconds() {
    let mut puppet = Puppet::server_for(|config| {
        config.common.timers.initial = Duration::from_millis(400);
    });
    puppet.sleep_ms(3000);
    assert_eq!(times(&puppet), [0, 400, 1200, 2800]);
}

/// What a fragment says, without the number of its record.
fn said(fragment: &SeenFragment) -> (u64, HandshakeType, u16, u32, Vec<u8>) {
    let SeenFragment { number, msg_type, seq, offset, body, .. } = fragment.clone();
    (number.epoch, msg_type, seq, offset, body)
}

/// req: 9147-4.2.1-06, 9147-5.2-05, 9147-5.2-03, 9147-5.8.1-02
#[test]
fn a_flight_sent_again_has_the_same_messages_and_epochs_in_new_records() {
    let mut puppet = Puppet::client();
    puppet.say_hello(|_| ());
    let first = puppet.fragments();
    assert_eq!(first[0].number.epoch, 0);
    assert!(first[1..].iter().all(|fragment| fragment.number.epoch == 2));
    puppet.forget();
    puppet.sleep_ms(1000);
    let again = puppet.fragments();
    assert!(first.iter().map(said).eq(again.iter().map(said)));
    let numbers: Vec<_> = first.iter().chain(&again).map(|fragment| fragment.number).collect();
    for (old, new) in first.iter().zip(&again) {
        assert!(old.number < new.number && old.number.epoch == new.number.epoch);
    }
    let mut unique: Vec<RecordNumber> = numbers.clone();
    unique.sort_unstable();
    unique.dedup();
    let mut records: Vec<_> = numbers;
    records.dedup();
    records.sort_unstable();
    assert_eq!(unique, records, "no number stands on two records");
}

/// req: 9147-4.2.1-06, 8446-4.4.4-02
#[test]
fn a_clients_last_flight_stays_in_epoch_2_though_data_goes_in_epoch_3() {
    let mut puppet = Puppet::server();
    let flight = puppet.flight(as_it_is);
    puppet.send(&flight);
    let now = puppet.now();
    let data = common::seal(puppet.conn(), now, b"data");
    assert_eq!(data[0] & 3, 3);
    puppet.forget();
    puppet.sleep_ms(1000);
    let again = puppet.fragments();
    assert_eq!((again.len(), again[0].msg_type), (1, HandshakeType::FINISHED));
    assert_eq!(again[0].number, RecordNumber::new(2, 1));
}

/// req: 9147-7.2-03, 9147-5.8.1-02
#[test]
fn an_ack_of_everything_stops_the_timer() {
    let mut puppet = Puppet::server();
    let flight = puppet.flight(as_it_is);
    puppet.send(&flight);
    let finished = puppet.fragments().last().expect("Finished").number;
    puppet.ack(3, &[finished]);
    puppet.forget();
    puppet.sleep(Duration::from_secs(200));
    puppet.assert_silent();
    assert!(puppet.end.events.iter().any(|e| matches!(e, dtls_core::Event::Confirmed)));
}

/// req: 9147-5.8.1-02
#[test]
fn an_ack_of_a_part_brings_the_rest_at_once() {
    let mut puppet = Puppet::client_for(|config| config.common.mtu = 300);
    puppet.say_hello(|_| ());
    let first = puppet.fragments();
    let settled: Vec<_> = first[..2].iter().map(|fragment| fragment.number).collect();
    puppet.forget();
    puppet.ack(2, &[]);
    puppet.forget();
    // Epoch 2 for an ACK of epochs 0 and 2.
    puppet.ack(2, &settled);
    let again = puppet.fragments();
    assert_eq!(again[0].at_once(&puppet), 0);
    let left: Vec<_> = first.iter().filter(|f| !settled.contains(&f.number)).map(said).collect();
    assert!(again.iter().map(said).eq(left));
}

trait AtOnce {
    fn at_once(&self, puppet: &Puppet) -> u128;
}

impl AtOnce for SeenFragment {
    /// Milliseconds between the start and the record of this fragment.
    fn at_once(&self, puppet: &Puppet) -> u128 {
        let seen = puppet.seen.iter().find(|seen| seen.number == self.number);
        since_start(seen.expect("its record").at).as_millis()
    }
}

/// req: 9147-5.8.1-02
#[test]
fn a_repeated_hello_brings_the_flight_again_unless_some_of_it_is_acknowledged() {
    let mut puppet = Puppet::client();
    let hello = puppet.offer();
    let hello = puppet.hello_message(&hello);
    puppet.send(std::slice::from_ref(&hello));
    let first = puppet.fragments();
    puppet.sleep_ms(500);
    puppet.forget();
    puppet.send(std::slice::from_ref(&hello));
    assert!(first.iter().map(said).eq(puppet.fragments().iter().map(said)));
    // Now a part is acknowledged, so a repetition is only a straggler.
    puppet.ack(2, &[first[0].number]);
    puppet.sleep_ms(500);
    puppet.forget();
    puppet.send(&[hello]);
    puppet.assert_silent();
}

/// req: 9147-5.8.1-02, 9147-7-05
#[test]
fn the_next_flight_ends_the_waiting() {
    let mut puppet = Puppet::client_for(|config| config.client_auth = ClientAuth::Optional);
    puppet.say_hello(|_| ());
    let answer = puppet.answer(as_it_is);
    puppet.forget();
    puppet.send(&answer[..1]);
    puppet.sleep_ms(30_000);
    assert_eq!(puppet.fragments(), []);
}

/// req: 9147-5.8.1-03
#[test]
fn a_server_waits_without_a_timer() {
    let mut puppet = Puppet::client();
    let give_up = puppet.conn().deadline().expect("the handshake's own").since_origin();
    assert_eq!(since_start(give_up), Duration::from_secs(120));
    puppet.sleep(Duration::from_secs(119));
    assert!(puppet.datagrams.is_empty());
}

/// req: 9147-4.5.2-05, 9147bis-4.5.2-02
#[test]
fn bad_records_leave_every_timer_as_it_was() {
    let mut puppet = Puppet::client();
    puppet.say_hello(|_| ());
    puppet.sleep_ms(700);
    let deadline = puppet.conn().deadline();
    let finished = puppet.answer(as_it_is);
    let mut forged = puppet.message_record(&finished[0]);
    forged[9] ^= 1;
    for bad in [forged, vec![0x2e, 0, 1, 0, 99, 1], vec![63; 40], vec![22; 9], vec![20, 0xfe, 0xfd]]
    {
        puppet.deliver(bad);
        assert_eq!(puppet.conn().deadline(), deadline);
    }
    puppet.forget();
    puppet.sleep_ms(299);
    puppet.assert_silent();
    puppet.sleep_ms(1);
    assert!(!puppet.fragments().is_empty());
}

/// A message of ours that waits for its ACK goes on waiting, whatever comes from the peer
/// meanwhile; and what comes is acknowledged for itself.
/// req: 9147-5.8.4-01
#[test]
fn every_exchange_after_the_handshake_runs_by_itself() {
    let mut puppet = Puppet::server();
    puppet.connect();
    let now = puppet.now();
    puppet.conn().update_keys(now).expect("connected");
    puppet.pump();
    let ours = puppet.fragments().last().expect("a KeyUpdate").clone();
    puppet.sleep_ms(500);
    puppet.forget();
    let ticket = puppet.message(3, HandshakeType::NEW_SESSION_TICKET, &TICKET);
    let update = puppet.message(3, HandshakeType::KEY_UPDATE, &[0]);
    puppet.send(&[ticket]);
    puppet.send(&[update]);
    assert_eq!(puppet.acks().len(), 2);
    assert_eq!(puppet.fragments(), [], "our update's timer has not run out");
    puppet.sleep_ms(500);
    let again = puppet.fragments();
    assert_eq!((again.len(), again[0].seq, &again[0].body), (1, ours.seq, &ours.body));
    let epoch = puppet.next_write_epoch();
    puppet.ack(epoch, &[ours.number]);
    puppet.forget();
    puppet.sleep_ms(100_000);
    puppet.assert_silent();
    assert_eq!(puppet.conn().stats().key_updates_sent, 1);
    assert_eq!(puppet.conn().stats().key_updates_received, 1);
}

/// req: 9147-5.7-01, 9147-7.3-01
#[test]
fn what_is_never_acknowledged_is_given_up_after_its_tries() {
    let mut puppet = Puppet::server();
    puppet.connect();
    let now = puppet.now();
    puppet.conn().update_keys(now).expect("connected");
    puppet.pump();
    puppet.sleep(Duration::from_secs(3600));
    assert_eq!(puppet.end.error(), Some(&Error::Timeout(Timeout::Retransmissions)));
    assert_eq!(puppet.fragments().len(), 13, "the first and twelve repetitions");
    let mut numbers: Vec<_> = puppet.fragments().iter().map(|f| f.number.sequence).collect();
    numbers.dedup();
    assert_eq!(numbers.len(), 13);
    assert!(puppet.seen.iter().all(|seen| seen.kind == ContentType::HANDSHAKE));
}
