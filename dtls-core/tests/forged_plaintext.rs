//! Plaintext handshake records of somebody without keys, while the two ends have some.

mod common;

use std::time::Duration;

use common::{Pair, START, Setup};
use dtls_core::wire::ContentType;
use dtls_core::wire::handshake::{HandshakeType, put_fragment_header};
use dtls_core::wire::header::plaintext_header;

/// Two messages in one record: a piece of one, and all of another.
fn forgery(first_seq: u16) -> Vec<u8> {
    let mut content = Vec::new();
    put_fragment_header(&mut content, HandshakeType::CERTIFICATE, 1000, first_seq, 10, 4);
    content.extend_from_slice(b"evil");
    put_fragment_header(&mut content, HandshakeType::FINISHED, 4, first_seq + 1, 0, 4);
    content.extend_from_slice(b"evil");
    put_fragment_header(&mut content, HandshakeType::FINISHED, 4, first_seq + 2, 0, 4);
    content.extend_from_slice(b"evil");
    let mut record = plaintext_header(ContentType::HANDSHAKE, 9, content.len() as u16).to_vec();
    record.extend_from_slice(&content);
    record
}

/// req: 9147-11-07, 9147bis-4.5.2-01
#[test]
fn a_forged_plaintext_message_ends_no_handshake_that_has_keys() {
    let mut setup = Setup::seeded(3);
    setup.client_has_certificate = true;
    setup.server.client_auth = dtls_core::ClientAuth::Required;
    let mut pair = Pair::new(setup);
    // Long enough for something to come in between every two datagrams.
    pair.server.think = Duration::from_millis(10);
    pair.client.think = Duration::from_millis(10);
    let mut forged = 0;
    while !(pair.client.is_connected() && pair.server.is_connected()) {
        assert!(pair.step(START + Duration::from_secs(60)), "{}", pair.story());
        let now = pair.now();
        for end in [&mut pair.client, &mut pair.server] {
            let Some(state) = end.connection.as_ref().map(dtls_core::Connection::state_name) else {
                continue;
            };
            if ["WAIT_SH", "START", "WAIT_SECOND_CH", "RECVD_CH"].contains(&state) {
                continue;
            }
            for first_seq in 0..8 {
                end.deliver(now, &mut forgery(first_seq));
                forged += 1;
            }
            assert_eq!(end.error(), None, "in {state}");
        }
    }
    assert!(forged > 40, "both ends were attacked");
}
