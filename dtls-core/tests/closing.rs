//! Alerts and the end of a connection (RFC 8446 6, RFC 9147 5.10).

mod common;

use common::puppet::{Puppet, as_it_is, fragment};
use dtls_core::wire::ContentType;
use dtls_core::wire::alert::AlertDescription;
use dtls_core::wire::handshake::HandshakeType;
use dtls_core::{Error, Event, InvalidMessage, PeerMisbehaved, SendError};
use rstest::rstest;

const CLOSE: AlertDescription = AlertDescription::CLOSE_NOTIFY;

fn connected() -> Puppet {
    let mut puppet = Puppet::server();
    puppet.connect();
    puppet
}

/// req: 8446-6-01, 9846-6-01, 8446-6.2-01
#[rstest]
fn an_error_alert_of_any_level_and_number_is_fatal(
    #[values(1, 2, 77)] level: u8,
    #[values(10, 40, 80, 117, 200)] code: u8,
) {
    let mut puppet = connected();
    let alert = AlertDescription(code);
    puppet.send_alert(3, level, alert);
    assert_eq!(puppet.end.error(), Some(&Error::AlertReceived(alert)));
    assert_eq!(puppet.seen, [], "an alert is not answered");
    let now = puppet.now();
    let mut buffer = [0; 100];
    let sent = puppet.conn().seal_in_place(now, &mut buffer, 20..30);
    assert_eq!(sent, Err(SendError::Closed));
    puppet.send_data(3, b"too late");
    assert!(puppet.end.received.is_empty());
    assert!(puppet.conn().deadline().is_none() && puppet.conn().is_closed());
    assert_eq!(AlertDescription::GENERAL_ERROR.0, 117);
}

/// req: 8446-6.2-01, 9147-5.10-01
#[test]
fn a_connection_that_has_failed_says_so_and_does_nothing_more() {
    let mut puppet = connected();
    let data = puppet.record(3, ContentType::APPLICATION_DATA, b"data");
    let now = puppet.now();
    puppet.conn().update_keys(now).expect("connected");
    let bad = puppet.message(3, HandshakeType::KEY_UPDATE, &[2]);
    puppet.send(&[bad]);
    puppet.assert_failed(PeerMisbehaved::IllegalKeyUpdate, 3);
    puppet.forget();
    puppet.sleep_ms(1_000_000);
    assert_eq!(puppet.seen, [], "no timer sends the alert again, nor the pending update");
    puppet.deliver(data);
    assert!(puppet.end.received.is_empty(), "the keys are gone");
    assert!(puppet.conn().update_keys(now).is_err());
    let failed = puppet.end.events.iter().filter(|e| matches!(e, Event::Failed(_))).count();
    assert_eq!(failed, 1);
}

/// The peer may have missed the alert; when it goes on it is told again, a few times.
/// req: 9147-5.10-01
#[test]
fn an_alert_is_repeated_only_when_the_peer_goes_on() {
    let mut puppet = connected();
    let bad = puppet.message(3, HandshakeType::KEY_UPDATE, &[2]);
    puppet.send(&[bad]);
    puppet.forget();
    for _ in 0..20 {
        puppet.send_data(3, b"as if nothing had happened");
        puppet.sleep_ms(1000);
    }
    let alerts = puppet.alerts();
    assert!((1..=5).contains(&alerts.len()));
    assert!(alerts.iter().all(|(epoch, level, alert)| {
        (*epoch, *level, *alert) == (3, 2, AlertDescription::ILLEGAL_PARAMETER)
    }));
    let mut numbers: Vec<_> = puppet.seen.iter().map(|seen| seen.number).collect();
    numbers.dedup();
    assert_eq!(numbers.len(), alerts.len(), "each in a record of its own");
}

/// req: 8446-6-02, 8446-6-03, 9147bis-4.5.2-04, 9147-4.5.2-03
#[rstest]
#[case::no_bytes(HandshakeType::KEY_UPDATE, &[], InvalidMessage::Handshake(HandshakeType::KEY_UPDATE).into())]
#[case::two_bytes(HandshakeType::KEY_UPDATE, &[0, 0], InvalidMessage::Handshake(HandshakeType::KEY_UPDATE).into())]
#[case::wrong_value(HandshakeType::KEY_UPDATE, &[2], PeerMisbehaved::IllegalKeyUpdate.into())]
#[case::half_a_ticket(HandshakeType::NEW_SESSION_TICKET, &[0, 0, 0, 9], InvalidMessage::Handshake(HandshakeType::NEW_SESSION_TICKET).into())]
#[case::no_such_message(HandshakeType(77), &[], PeerMisbehaved::UnexpectedMessage(HandshakeType(77)).into())]
fn a_bad_message_gets_the_alert_of_its_kind(
    #[case] kind: HandshakeType,
    #[case] body: &[u8],
    #[case] error: Error,
) {
    let mut puppet = connected();
    let message = puppet.message(3, kind, body);
    puppet.send(&[message]);
    puppet.assert_failed(error, 3);
}

/// req: 8446-6-02
#[rstest]
#[case(&[2])]
#[case(&[2, 40, 2, 40])]
fn a_protected_alert_record_holds_exactly_one_alert(#[case] content: &[u8]) {
    let mut puppet = connected();
    puppet.send_record(3, ContentType::ALERT, content);
    puppet.assert_failed(InvalidMessage::Alert, 3);
}

/// req: 9147-5.10-05, 8446-6.1-02
#[test]
fn data_numbered_before_close_notify_is_still_good_and_data_behind_it_is_not() {
    let mut puppet = connected();
    let before = puppet.record(3, ContentType::APPLICATION_DATA, b"before");
    let close = puppet.record(3, ContentType::ALERT, &[1, 0]);
    let behind = puppet.record(3, ContentType::APPLICATION_DATA, b"behind");
    puppet.deliver(close);
    assert!(puppet.conn().is_closed_by_peer());
    puppet.deliver(behind);
    puppet.deliver(before);
    assert_eq!(puppet.end.received, [b"before"]);
    assert_eq!(puppet.conn().stats().dropped.after_close, 1);
    // Nor does anything else behind it count, in its epoch or a later one.
    let update = puppet.message(3, HandshakeType::KEY_UPDATE, &[0]);
    puppet.forget();
    puppet.send(&[update]);
    puppet.send_alert(3, 2, AlertDescription::INTERNAL_ERROR);
    puppet.assert_silent();
}

/// req: 8446-6.1-01
#[test]
fn closing_one_direction_leaves_the_other_open() {
    let mut puppet = connected();
    puppet.conn().close();
    puppet.pump();
    assert_eq!(puppet.alerts(), [(3, 1, CLOSE)]);
    let now = puppet.now();
    let mut buffer = [0; 100];
    let sent = puppet.conn().seal_in_place(now, &mut buffer, 20..30);
    assert_eq!(sent, Err(SendError::Closed));
    // What comes is still read and acknowledged.
    puppet.forget();
    puppet.send_data(3, b"answer");
    let update = puppet.message(3, HandshakeType::KEY_UPDATE, &[0]);
    puppet.send(&[update]);
    let epoch = puppet.next_write_epoch();
    puppet.send_data(epoch, b"more");
    assert_eq!(puppet.end.received, [&b"answer"[..], b"more"]);
    assert_eq!(puppet.acks().len(), 1);
    assert!(!puppet.conn().is_closed());
    puppet.send_alert(epoch, 1, CLOSE);
    assert!(puppet.conn().is_closed() && puppet.end.error().is_none());
}

/// req: 8446-6.1-01
#[test]
fn a_peer_that_closes_its_direction_can_still_be_sent_to() {
    let mut puppet = connected();
    puppet.send_alert(3, 1, CLOSE);
    assert!(puppet.end.events.iter().any(|e| matches!(e, Event::PeerClosed)));
    let now = puppet.now();
    let data = common::seal(puppet.conn(), now, b"the rest");
    assert!(!data.is_empty());
    assert!(!puppet.conn().is_closed());
    puppet.conn().close();
    puppet.pump();
    assert_eq!(puppet.alerts(), [(3, 1, CLOSE)]);
    assert!(puppet.conn().is_closed());
}

/// req: 8446-6.1-03
#[test]
fn user_canceled_waits_for_its_close_notify() {
    let mut puppet = connected();
    puppet.send_alert(3, 1, AlertDescription::USER_CANCELED);
    puppet.assert_silent();
    assert!(!puppet.conn().is_closed_by_peer());
    puppet.send_alert(3, 1, CLOSE);
    assert!(puppet.conn().is_closed_by_peer());
}

/// req: 9147-5.10-04
#[test]
fn a_lost_close_notify_leaves_a_connection_that_still_works() {
    let mut puppet = connected();
    puppet.conn().close();
    puppet.pump();
    // The puppet never saw it, and talks on.
    puppet.sleep_ms(600_000);
    puppet.send_data(3, b"still there?");
    assert_eq!(puppet.end.received, [b"still there?"]);
    assert_eq!(puppet.end.error(), None);
}

/// Plaintext alerts are all a peer has before there are keys; later they could be anybody's.
/// req: 8446-6-01
#[test]
fn plaintext_alerts_count_until_the_peer_has_shown_its_keys() {
    let mut puppet = Puppet::server();
    puppet.send_alert(0, 1, AlertDescription::HANDSHAKE_FAILURE);
    let error = Error::AlertReceived(AlertDescription::HANDSHAKE_FAILURE);
    assert_eq!(puppet.end.error(), Some(&error));

    let mut puppet = Puppet::server();
    let flight = puppet.flight(as_it_is);
    puppet.send(&flight[..2]);
    puppet.send_alert(0, 2, AlertDescription::HANDSHAKE_FAILURE);
    assert_eq!(puppet.end.error(), None);
    puppet.send(&flight[2..]);
    assert!(puppet.end.is_connected());
}

/// req: 9147-4.5.2-03
#[test]
fn every_error_of_content_is_told_with_level_fatal() {
    let mut puppet = connected();
    let bad = fragment(HandshakeType::KEY_UPDATE, 1, puppet.next_seq, 5, &[0]);
    puppet.send_record(3, ContentType::HANDSHAKE, &bad);
    puppet.assert_failed(InvalidMessage::Fragment, 3);
    assert!(puppet.alerts().iter().all(|(_, level, _)| *level == 2));
}
