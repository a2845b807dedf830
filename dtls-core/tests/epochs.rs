//! Epochs, their keys, numbers and windows, from the first record to past a fourth key update
//! (RFC 9147 4.2, 4.5.1, 6.1, 8).

mod common;

use std::collections::BTreeMap;
use std::time::Duration;

use common::puppet::{Puppet, Shape, as_it_is, fragment, inner};
use dtls_core::crypto::{AeadAlgorithm, HashAlgorithm};
use dtls_core::key_schedule::TrafficSecret;
use dtls_core::record::limits::key_limits;
use dtls_core::record::seal::{SealError, WriteEpoch};
use dtls_core::wire::alert::AlertDescription;
use dtls_core::wire::handshake::HandshakeType;
use dtls_core::wire::{ContentType, RecordNumber};
use dtls_core::{Error, PeerMisbehaved};

const DATA: ContentType = ContentType::APPLICATION_DATA;

/// Our side updates its keys and the puppet acknowledges it, in its own newest epoch.
fn update_ours(puppet: &mut Puppet, ack_epoch: u64) {
    let now = puppet.now();
    puppet.conn().update_keys(now).expect("connected");
    puppet.pump();
    let update = puppet.fragments().last().expect("a KeyUpdate").number;
    puppet.next_read_epoch();
    puppet.ack(ack_epoch, &[update]);
}

/// The puppet updates its keys. Returns its new epoch.
fn update_theirs(puppet: &mut Puppet, epoch: u64) -> u64 {
    let update = puppet.message(epoch, HandshakeType::KEY_UPDATE, &[0]);
    puppet.send(&[update]);
    puppet.next_write_epoch()
}

/// req: 9147-4.2-01, 9147-4.2-02, 9147-6.1-02, 9147-6.1-05, 9147-6.1-01
#[test]
fn a_sender_goes_through_epochs_0_2_3_4_and_counts_from_0_in_each() {
    let mut puppet = Puppet::server();
    let flight = puppet.flight(as_it_is);
    puppet.send(&flight[..2]);
    puppet.sleep_ms(250);
    puppet.send(&flight[2..]);
    let finished = puppet.fragments().last().expect("Finished").number;
    puppet.ack(3, &[finished]);
    update_ours(&mut puppet, 3);
    update_ours(&mut puppet, 3);
    let update = puppet.message(3, HandshakeType::KEY_UPDATE, &[0]);
    puppet.send(&[update]);
    let mut epochs: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for seen in &puppet.seen {
        epochs.entry(seen.number.epoch).or_default().push(seen.number.sequence);
    }
    assert_eq!(epochs.keys().copied().collect::<Vec<_>>(), [0, 2, 3, 4, 5]);
    for numbers in epochs.values() {
        assert!(numbers.iter().copied().eq(0..numbers.len() as u64), "{epochs:?}");
    }
    // In epoch 0 a hello; in 2 an ACK and Finished; then the updates and the ACK of the peer's.
    let kinds: Vec<_> = puppet.seen.iter().map(|seen| (seen.number.epoch, seen.kind.0)).collect();
    assert_eq!(kinds, [(0, 22), (2, 26), (2, 22), (3, 22), (4, 22), (5, 26)]);
}

/// req: 9147-6.1-05, 9147-8-03, 9147-4.2.2-05
#[test]
fn records_under_updated_keys_are_read_and_stragglers_of_the_old_ones_too() {
    let mut puppet = Puppet::server();
    puppet.connect();
    let straggler = puppet.record(3, DATA, b"straggler");
    let late = puppet.record(3, DATA, b"late");
    let epoch = update_theirs(&mut puppet, 3);
    assert_eq!(epoch, 4);
    puppet.deliver(straggler);
    puppet.send_data(4, b"new keys");
    puppet.deliver(late.clone());
    assert_eq!(puppet.end.received, [&b"straggler"[..], b"new keys", b"late"]);
    puppet.deliver(late);
    assert_eq!(puppet.end.received.len(), 3, "the old epoch kept its window");
}

/// req: 9147bis-4.2.1-02, 9147-6.1-06
#[test]
fn no_two_epochs_with_the_same_bits_are_held() {
    let mut puppet = Puppet::server();
    puppet.connect();
    let old_data = puppet.record(3, DATA, b"of epoch 3");
    let finished = fragment(HandshakeType::FINISHED, 32, 4, 0, &[0; 32]);
    let old_flight = puppet.record(2, ContentType::HANDSHAKE, &finished);
    let mut epoch = 3;
    while epoch < 6 {
        epoch = update_theirs(&mut puppet, epoch);
        puppet.send_data(epoch, b"in use");
    }
    puppet.forget();
    let dropped = puppet.conn().stats().dropped;
    puppet.deliver(old_flight);
    assert_eq!(puppet.conn().stats().dropped.not_authentic, dropped.not_authentic + 1);
    epoch = update_theirs(&mut puppet, epoch);
    assert_eq!(epoch, 7);
    puppet.send_data(epoch, b"in use");
    assert_eq!(puppet.end.received.len(), 4);
    puppet.deliver(old_data);
    assert_eq!(puppet.end.received.len(), 4, "epoch 3 made room for epoch 7");
    assert_eq!(puppet.end.error(), None);
}

/// Once there are keys for it, nothing that ought to be under them is read without; and under the
/// keys of another epoch a message is an error.
/// req: 9147-6.1-01, 9147-4.2.2-04
#[test]
fn a_message_counts_in_its_own_epoch_alone() {
    let mut puppet = Puppet::server();
    let flight = puppet.flight(as_it_is);
    puppet.send(&flight[..1]);
    for message in &flight[1..] {
        let mut open = message.clone();
        open.epoch = 0;
        puppet.send(&[open]);
    }
    assert_eq!(puppet.conn().state_name(), "WAIT_EE");
    assert_eq!(puppet.alerts(), []);
    puppet.send(&flight[1..]);
    assert!(puppet.end.is_connected());

    puppet.forget();
    let update = puppet.message(2, HandshakeType::KEY_UPDATE, &[0]);
    puppet.send(&[update]);
    assert_eq!(
        puppet.end.error().and_then(Error::alert),
        Some(AlertDescription::UNEXPECTED_MESSAGE)
    );

    let mut puppet = Puppet::client();
    puppet.say_hello(|_| ());
    puppet.forget();
    let hello = puppet.offer().to_client_hello();
    let hello = puppet.message(2, HandshakeType::CLIENT_HELLO, &hello);
    puppet.send(&[hello]);
    assert_eq!(
        puppet.end.error().and_then(Error::alert),
        Some(AlertDescription::UNEXPECTED_MESSAGE)
    );
}

/// req: 9147-6.1-01
#[test]
fn a_servers_finished_counts_in_epoch_2_alone() {
    let mut puppet = Puppet::server();
    let mut flight = puppet.flight(as_it_is);
    flight[4].epoch = 3;
    puppet.send(&flight);
    assert!(!puppet.end.is_connected());
    let mut client = Puppet::client();
    client.say_hello(|_| ());
    let mut answer = client.answer(as_it_is);
    answer[0].epoch = 3;
    client.send(&answer);
    assert!(!client.end.is_connected());
}

/// Records of later epochs wait for their keys, and data waits for the peer's Finished.
/// req: 9147-4.2.2-04, 9147-5.8.1-05, 9147-4.2.1-05, 9147-4.2.1-04
#[test]
fn what_comes_before_its_time_is_kept_and_read_in_its_turn() {
    let mut puppet = Puppet::server();
    let flight = puppet.flight(as_it_is);
    let early = puppet.record(3, DATA, b"half-RTT data");
    puppet.deliver(early);
    puppet.send(&flight[1..4]);
    assert!(puppet.end.received.is_empty() && puppet.end.error().is_none());
    puppet.send(&flight[..1]);
    assert_eq!(puppet.conn().state_name(), "WAIT_FINISHED");
    assert!(puppet.end.received.is_empty(), "not before Finished");
    puppet.send(&flight[4..]);
    assert_eq!(puppet.end.received, [b"half-RTT data"]);

    // A server has the keys of epoch 3 early and delivers nothing under them all the same.
    let mut puppet = Puppet::client();
    puppet.say_hello(|_| ());
    puppet.send_data(3, b"eager");
    assert!(puppet.end.received.is_empty());
    let answer = puppet.answer(as_it_is);
    puppet.send(&answer);
    assert_eq!(puppet.end.received, [b"eager"]);
}

/// req: 9147-5.8.1-05
#[test]
fn what_is_kept_is_bounded() {
    let mut puppet = Puppet::server();
    let flight = puppet.flight(as_it_is);
    for _ in 0..30 {
        puppet.send_data(3, &[1; 1000]);
    }
    // Each counts with some overhead against the 16 KiB.
    assert_eq!(puppet.conn().stats().dropped.buffer_full, 15);
    puppet.send(&flight);
    assert_eq!(puppet.end.received.len(), 15);
}

/// req: 9147-4.2.1-07
#[test]
fn a_key_ends_before_its_numbers_do() {
    let provider = common::provider(1);
    let secret = TrafficSecret::from_bytes(HashAlgorithm::Sha256, &[5; 32]).expect("32 bytes");
    for aead in [AeadAlgorithm::Aes128Gcm, AeadAlgorithm::ChaCha20Poly1305] {
        let keys = secret.record_keys(provider.as_ref(), aead).expect("keys");
        let limits = key_limits(aead);
        assert!(limits.begin_update_at() < limits.sent && limits.sent < 1 << 48);
        let write = WriteEpoch::new(provider.as_ref(), 3, &keys).expect("a key");
        let mut write = write.starting_at(limits.sent - 1);
        let mut out = [0; 64];
        // Application data leaves room for the KeyUpdate that replaces the key.
        assert_eq!(write.seal(&mut out, 1, DATA), Err(SealError::Exhausted));
        assert!(write.seal(&mut out, 1, ContentType::HANDSHAKE).is_ok());
        assert_eq!(write.seal(&mut out, 1, ContentType::HANDSHAKE), Err(SealError::Exhausted));
    }
}

/// req: 9147-4-02
#[test]
fn an_epoch_above_16_bits_of_wire_is_still_told_in_full_to_the_nonce_and_the_ack() {
    let number = RecordNumber::new(0x1_0000_0003, 0x1_0000_0000_0001);
    let mut out = Vec::new();
    dtls_core::wire::ack::put_ack(&mut out, [number]);
    assert_eq!(out, [0, 16, 0, 0, 0, 1, 0, 0, 0, 3, 0, 1, 0, 0, 0, 0, 0, 1]);
    // Over the 16 bits of the header a sequence number goes on in full.
    let mut puppet = Puppet::server();
    puppet.connect();
    for number in [30_000, 60_000, 90_000, 120_000] {
        puppet.set_next_number(3, number);
        puppet.send_data(3, &number.to_be_bytes());
    }
    assert_eq!(puppet.end.received.len(), 4);
}

/// req: 9147-4.5.1-02
#[test]
fn each_epoch_has_its_own_window() {
    let mut puppet = Puppet::client();
    puppet.say_hello(|_| ());
    let answer = puppet.answer(as_it_is);
    puppet.set_next_number(2, 500);
    puppet.send(&answer);
    puppet.send_data(3, b"number 0 of epoch 3");
    let epoch = update_theirs(&mut puppet, 3);
    puppet.send_data(epoch, b"number 0 of epoch 4");
    assert_eq!(puppet.end.received.len(), 2);
    assert_eq!(puppet.conn().stats().dropped.replayed, 0);
}

/// req: 9147bis-3.4-01, 9147-4.5.1-05
#[test]
fn repeated_data_is_delivered_once() {
    let mut puppet = Puppet::server();
    puppet.connect();
    let records: Vec<_> = (0..40_u8).map(|i| puppet.record(3, DATA, &[i])).collect();
    for record in records.iter().rev().chain(&records) {
        puppet.deliver(record.clone());
    }
    assert_eq!(puppet.end.received.len(), 40);
    assert_eq!(puppet.conn().stats().dropped.replayed, 40);
    puppet.assert_silent();
}

/// req: 9147-4.5.1-08, 9147bis-4.5.2-02
#[test]
fn a_forged_record_moves_no_window() {
    let mut puppet = Puppet::server();
    puppet.connect();
    let record = puppet.record(3, DATA, b"true");
    for number in [200, 30_000, 60_000] {
        let mut forged = puppet.seal(3, number, Shape::default(), &inner(DATA, b"forged", 0));
        let last = forged.len() - 1;
        forged[last] ^= 1;
        puppet.deliver(forged);
    }
    puppet.deliver(record);
    assert_eq!(puppet.end.received, [b"true"]);
    assert_eq!(puppet.conn().stats().dropped.not_authentic, 3);
}

/// req: 8446-4.4.4-02
#[test]
fn behind_its_finished_a_side_uses_application_keys() {
    let mut puppet = Puppet::client();
    puppet.say_hello(|_| ());
    let answer = puppet.answer(as_it_is);
    puppet.forget();
    puppet.send(&answer);
    let now = puppet.now();
    let data = common::seal(puppet.conn(), now, b"data");
    assert_eq!(data[0] & 3, 3);
    assert!(puppet.seen.iter().all(|seen| seen.number.epoch == 3), "the ACK of Finished too");
    let mut puppet = Puppet::server();
    let flight = puppet.flight(as_it_is);
    puppet.forget();
    puppet.send(&flight);
    let data = common::seal(puppet.conn(), now, b"data");
    assert_eq!(data[0] & 3, 3);
}

/// req: 9147-4.2.1-01, 9147bis-4.2.1-01
#[test]
fn an_old_epoch_is_closed_after_its_time() {
    let mut puppet = Puppet::server();
    puppet.connect();
    let late = puppet.record(3, DATA, b"late");
    let epoch = update_theirs(&mut puppet, 3);
    puppet.send_data(epoch, b"new");
    // Two minutes, the segment lifetime of TCP.
    puppet.sleep(Duration::from_secs(121));
    puppet.deliver(late);
    assert_eq!(puppet.end.received, [b"new"]);
    assert_eq!(puppet.conn().stats().dropped.unknown_epoch, 1);
}

/// req: 9147-6.1-01, 8446-5.1-01
#[test]
fn no_message_follows_a_key_update_in_its_epoch() {
    let mut puppet = Puppet::server();
    puppet.connect();
    update_theirs(&mut puppet, 3);
    let message = puppet.message(3, HandshakeType::KEY_UPDATE, &[0]);
    puppet.send(&[message]);
    let error: Error = PeerMisbehaved::MessageBehindKeyChange.into();
    assert_eq!(puppet.end.error(), Some(&error));
}
