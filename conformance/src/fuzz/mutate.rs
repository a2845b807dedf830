//! Damage: to bytes of any kind, and to handshake messages along the lines of their structure.

use dtls_core::wire::codec::{Reader, put_u16};
use dtls_core::wire::extension::{ExtensionType, put_extension};
use dtls_core::wire::handshake::{HandshakeType, put_fragment_header};
use fastrand::Rng;

/// Values at which parsers go wrong.
const EDGES: [u8; 10] = [0, 1, 2, 3, 0x10, 0x20, 0x7f, 0x80, 0xfe, 0xff];

/// The longest datagram there can be.
const OVERSIZED: usize = 65_507;

/// A number up to `max`, small ones more often.
pub(super) fn few(rng: &mut Rng, max: usize) -> usize {
    let most = rng.usize(0..=max);
    rng.usize(0..=most)
}

/// Random bytes, mostly few.
pub(super) fn noise(rng: &mut Rng, max: usize) -> Vec<u8> {
    let len = few(rng, max);
    (0..len).map(|_| rng.u8(..)).collect()
}

/// One of a list, if there is any.
pub(super) fn pick<'l, T>(rng: &mut Rng, list: &'l [T]) -> Option<&'l T> {
    list.get(rng.usize(0..list.len().max(1)))
}

fn range(rng: &mut Rng, len: usize) -> core::ops::Range<usize> {
    let (a, b) = (rng.usize(0..=len), rng.usize(0..=len));
    a.min(b)..a.max(b)
}

/// Damages bytes without regard to what they are; `other` is something to splice in.
pub(super) fn damage(rng: &mut Rng, bytes: &mut Vec<u8>, other: &[u8]) {
    for _ in 0..rng.usize(1..=4) {
        let len = bytes.len();
        match rng.u8(0..12) {
            0 | 1 => {
                if let Some(byte) = bytes.get_mut(rng.usize(0..len.max(1))) {
                    *byte ^= 1 << rng.u8(0..8);
                }
            }
            2 => {
                if let Some(byte) = bytes.get_mut(rng.usize(0..len.max(1))) {
                    *byte = EDGES[rng.usize(0..EDGES.len())];
                }
            }
            // Headers are where it matters.
            3 => {
                if let Some(byte) = bytes.get_mut(rng.usize(0..len.clamp(1, 26))) {
                    *byte = rng.u8(..);
                }
            }
            4 => bytes.truncate(rng.usize(0..=len)),
            5 => bytes.extend(noise(rng, 64)),
            6 => drop(bytes.drain(range(rng, len))),
            7 => {
                let at = rng.usize(0..=len);
                bytes.splice(at..at, noise(rng, 32));
            }
            8 => {
                let again = bytes[range(rng, len)].to_vec();
                let at = rng.usize(0..=len);
                bytes.splice(at..at, again);
            }
            9 => {
                let part = other[range(rng, other.len())].to_vec();
                bytes.splice(range(rng, len), part);
            }
            10 => {
                let at = rng.usize(0..=len);
                if let Some(field) = bytes.get_mut(at..at + 2) {
                    field.copy_from_slice(&EDGES_16[rng.usize(0..EDGES_16.len())].to_be_bytes());
                }
            }
            _ if rng.u8(..) == 0 => bytes.resize(OVERSIZED, rng.u8(..)),
            _ => bytes.reverse(),
        }
    }
    bytes.truncate(OVERSIZED);
}

const EDGES_16: [u16; 8] = [0, 1, 2, 0xff, 0x100, 0x4000, 0x4100, 0xffff];

/// Damages a message's body, often so that its outer structure stays sound.
pub(super) fn damage_body(rng: &mut Rng, msg_type: HandshakeType, body: &[u8]) -> Vec<u8> {
    if rng.u8(0..3) > 0
        && let Some(block_at) = extension_block(msg_type, body)
    {
        let mut out = body[..block_at].to_vec();
        let block = damage_extensions(rng, &body[block_at + 2..]);
        put_u16(&mut out, block.len() as u16);
        out.extend_from_slice(&block);
        return out;
    }
    let mut out = body.to_vec();
    if rng.bool() {
        resize_vector(rng, &mut out);
    } else {
        let other = body.to_vec();
        damage(rng, &mut out, &other);
    }
    out
}

/// Where the length of a message's extension block stands.
fn extension_block(msg_type: HandshakeType, body: &[u8]) -> Option<usize> {
    let mut reader = Reader::new(body);
    match msg_type {
        HandshakeType::CLIENT_HELLO => {
            reader.take(34).ok()?;
            reader.vec8().ok()?;
            reader.vec8().ok()?;
            reader.vec16().ok()?;
            reader.vec8().ok()?;
        }
        HandshakeType::SERVER_HELLO => {
            reader.take(34).ok()?;
            reader.vec8().ok()?;
            reader.take(3).ok()?;
        }
        HandshakeType::ENCRYPTED_EXTENSIONS => {}
        HandshakeType::CERTIFICATE_REQUEST => drop(reader.vec8().ok()?),
        _ => return None,
    }
    let at = body.len() - reader.rest().len();
    (body.len() >= at + 2).then_some(at)
}

/// An extension block with extensions changed, dropped, repeated, moved or added.
fn damage_extensions(rng: &mut Rng, block: &[u8]) -> Vec<u8> {
    let mut list = Vec::new();
    let mut reader = Reader::new(block);
    while let (Ok(kind), Ok(body)) = (reader.u16(), reader.vec16()) {
        list.push((kind, body.to_vec()));
    }
    for _ in 0..rng.usize(1..=2) {
        let at = rng.usize(0..list.len().max(1));
        let Some(chosen) = list.get(at).cloned() else { break };
        match rng.u8(0..8) {
            0 => drop(list.remove(at)),
            1 => list.insert(rng.usize(0..=list.len()), chosen),
            2 => list.push((rng.u16(0..64), noise(rng, 40))),
            3 => list[at].0 = rng.u16(0..64),
            4 => list[at].1 = noise(rng, 300),
            5 => rng.shuffle(&mut list),
            6 => resize_vector(rng, &mut list[at].1),
            _ => damage(rng, &mut list[at].1, &chosen.1),
        }
    }
    let mut out = Vec::new();
    for (kind, body) in list {
        put_extension(&mut out, ExtensionType(kind), |out| out.extend_from_slice(&body));
    }
    out.truncate(0xffff);
    out
}

/// Takes some place for the length of a vector, and makes the vector longer, shorter or empty
/// with its length changed accordingly.
fn resize_vector(rng: &mut Rng, bytes: &mut Vec<u8>) {
    let width = rng.usize(1..=2);
    let at = rng.usize(0..=bytes.len());
    let Some(field) = bytes.get(at..at + width) else { return };
    let len = field.iter().fold(0, |len, byte| len << 8 | usize::from(*byte));
    let content = at + width..at + width + len;
    if content.end > bytes.len() {
        return;
    }
    let new = match rng.u8(0..4) {
        0 => Vec::new(),
        1 => bytes[content.start..content.start + rng.usize(0..=len)].to_vec(),
        2 => [&bytes[content.clone()], &noise(rng, 16)].concat(),
        _ => noise(rng, 40),
    };
    let new_len = new.len().to_be_bytes();
    bytes.splice(content, new);
    bytes[at..at + width].copy_from_slice(&new_len[8 - width..]);
}

/// Appends a message, in one piece or in several, in order or not, with gaps or lies in its
/// headers.
pub(super) fn put_message(
    rng: &mut Rng,
    out: &mut Vec<u8>,
    msg_type: HandshakeType,
    message_seq: u16,
    body: &[u8],
) {
    let len = body.len() as u32;
    let piece = |out: &mut Vec<u8>, of: core::ops::Range<usize>| {
        let offset = of.start as u32;
        put_fragment_header(out, msg_type, len, message_seq, offset, of.len() as u32);
        out.extend_from_slice(&body[of]);
    };
    match rng.u8(0..8) {
        0..=3 => piece(out, 0..body.len()),
        4 => piece(out, range(rng, body.len())),
        5 | 6 => {
            let cut = rng.usize(0..=body.len());
            let overlap = rng.usize(0..=cut.min(8));
            let mut halves = [0..cut, cut - overlap..body.len()];
            rng.shuffle(&mut halves);
            for half in halves {
                piece(out, half);
            }
        }
        _ => {
            let edge = |rng: &mut Rng| match rng.u8(0..4) {
                0 => 0,
                1 => 0x00ff_ffff,
                2 => rng.u32(0..0x0100_0000),
                _ => len,
            };
            let (total, offset, part) = (edge(rng), edge(rng), edge(rng));
            put_fragment_header(out, msg_type, total, message_seq, offset, part);
            out.extend_from_slice(body);
        }
    }
}
