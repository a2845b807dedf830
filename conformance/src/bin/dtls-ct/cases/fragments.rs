//! Putting messages together again: only headers decide where a fragment goes.

use dtls_core::flight::reassembly::Reassembly;
use dtls_core::wire::handshake::{Fragment, HandshakeType};

use super::{Failure, hold};
use crate::secrets::{is_secret, public, secret_copy};

const LEN: usize = 100;
/// Where fragments begin and end; the second and the fourth overlap others.
const PIECES: [(usize, usize); 5] = [(60, 100), (50, 70), (0, 20), (10, 40), (40, 50)];

pub(super) fn reassembly() -> Result<(), Failure> {
    let message: Vec<u8> = (0..LEN as u8).collect();
    let body = secret_copy(&message);
    let mut reassembly = Reassembly::new(1000);
    // Apart first, in any order; then what overlaps.
    for (start, end) in [(60, 100), (0, 20), (20, 60)] {
        accept(&mut reassembly, 0, &body, start, end)?;
    }
    let mut whole = reassembly.pop().ok_or("the message is not complete")?;
    hold("the message is secret", is_secret(&whole.body))?;
    public(&mut whole.body);
    hold("the message is right", whole.body == message)?;
    // What came twice has to be the same: with a good peer it always is.
    for (start, end) in PIECES {
        accept(&mut reassembly, 1, &body, start, end)?;
    }
    hold("the second message is there", reassembly.pop().is_some())
}

fn accept(
    reassembly: &mut Reassembly,
    message_seq: u16,
    body: &[u8],
    start: usize,
    end: usize,
) -> Result<(), Failure> {
    let fragment = Fragment {
        msg_type: HandshakeType::FINISHED,
        length: LEN as u32,
        message_seq,
        offset: start as u32,
        body: body.get(start..end).unwrap_or_default(),
    };
    reassembly.accept(2, &fragment).map_err(|error| format!("{error}"))?;
    Ok(())
}
