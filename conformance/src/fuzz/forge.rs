//! Contents no honest peer sends: handshake messages, ACKs, alerts and types of our own making.

use dtls_core::wire::ContentType;
use dtls_core::wire::RecordNumber;
use dtls_core::wire::ack::put_ack;
use dtls_core::wire::codec::Reader;
use dtls_core::wire::handshake::{Fragment, HandshakeType, put_fragment_header};
use dtls_core::wire::header::{PlaintextRecord, plaintext_header};
use fastrand::Rng;

use super::keyring::Content;
use super::mutate::{damage, damage_body, few, noise, pick, put_message};

/// All the types of messages there are, and some there are not.
const TYPES: [u8; 18] = [0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 13, 15, 20, 24, 25, 67, 254, 255];

/// The length of a piece of a message that never becomes complete.
const PIECE: usize = 1000;

/// The length such a message claims to have.
const HUGE: u32 = 65_000;

/// Content for `epoch`, from what the peer sent or would send in it, or from nothing.
pub(super) fn content(rng: &mut Rng, epoch: u64, honest: &[Content], next_seq: u16) -> Content {
    let (kind, bytes) = match rng.u8(0..16) {
        0..=5 => (ContentType::HANDSHAKE, messages(rng, honest, next_seq)),
        6 | 7 => (ContentType::HANDSHAKE, invented(rng, next_seq)),
        8 => (ContentType::HANDSHAKE, huge(rng, next_seq)),
        9 | 10 => (ContentType::ACK, ack(rng)),
        11 => (ContentType::ALERT, alert(rng)),
        12 => (ContentType::APPLICATION_DATA, noise(rng, 64)),
        13 => (ContentType(rng.u8(..)), noise(rng, 64)),
        _ => {
            let mut bytes = pick(rng, honest).map_or_else(Vec::new, |c| c.bytes.clone());
            let other = noise(rng, 100);
            damage(rng, &mut bytes, &other);
            let kinds = [ContentType::HANDSHAKE, ContentType::ACK, ContentType::ALERT];
            (kinds[rng.usize(0..3)], bytes)
        }
    };
    let mut bytes = bytes;
    bytes.truncate(1 << 14);
    Content { epoch, kind, bytes }
}

/// Messages of the peer's, their bodies damaged along their structure.
fn messages(rng: &mut Rng, honest: &[Content], next_seq: u16) -> Vec<u8> {
    let mut out = Vec::new();
    let handshake: Vec<&Content> =
        honest.iter().filter(|c| c.kind == ContentType::HANDSHAKE).collect();
    for _ in 0..rng.usize(1..=2) {
        let Some(content) = pick(rng, &handshake) else { break };
        let mut reader = Reader::new(&content.bytes);
        while let Ok(fragment) = Fragment::parse(&mut reader) {
            let body = match rng.u8(0..4) {
                0 => fragment.body.to_vec(),
                _ => damage_body(rng, fragment.msg_type, fragment.body),
            };
            let seq = match rng.u8(0..8) {
                0 => next_seq,
                1 => rng.u16(0..12),
                2 => rng.u16(..),
                _ => fragment.message_seq,
            };
            put_message(rng, &mut out, fragment.msg_type, seq, &body);
        }
    }
    out
}

/// A message made from nothing.
fn invented(rng: &mut Rng, next_seq: u16) -> Vec<u8> {
    let seq = if rng.u8(0..4) > 0 { next_seq } else { rng.u16(0..10) };
    let (msg_type, body) = match rng.u8(0..6) {
        0 | 1 => (HandshakeType::KEY_UPDATE, vec![rng.u8(0..3)]),
        2 => {
            let mut body: Vec<u8> = (0..8).map(|_| rng.u8(..)).collect();
            body.extend([1, 7, 0, 4, 1, 2, 3, 4, 0, 0]);
            (HandshakeType::NEW_SESSION_TICKET, body)
        }
        3 => (HandshakeType::FINISHED, (0..32).map(|_| rng.u8(..)).collect()),
        _ => (HandshakeType(TYPES[rng.usize(0..TYPES.len())]), noise(rng, 80)),
    };
    let mut out = Vec::new();
    put_message(rng, &mut out, msg_type, seq, &body);
    out
}

/// A piece of a message so long that it never gets complete.
fn huge(rng: &mut Rng, next_seq: u16) -> Vec<u8> {
    let mut out = Vec::new();
    let seq = next_seq.wrapping_add(rng.u16(0..8));
    let offset = rng.u32(0..HUGE - PIECE as u32);
    let kind = HandshakeType(TYPES[seq as usize % TYPES.len()]);
    put_fragment_header(&mut out, kind, HUGE, seq, offset, PIECE as u32);
    out.resize(out.len() + PIECE, 0x55);
    out
}

fn ack(rng: &mut Rng) -> Vec<u8> {
    let mut out = Vec::new();
    let numbers: Vec<RecordNumber> = (0..few(rng, 300))
        .map(|_| match rng.u8(0..8) {
            0 => RecordNumber::new(rng.u64(..), rng.u64(..)),
            _ => RecordNumber::new(rng.u64(0..6), rng.u64(0..60)),
        })
        .collect();
    put_ack(&mut out, numbers);
    if rng.u8(0..4) == 0 {
        damage(rng, &mut out, &[]);
    }
    out
}

fn alert(rng: &mut Rng) -> Vec<u8> {
    match rng.u8(0..4) {
        0 => noise(rng, 6),
        1 => vec![1, 0],
        2 => vec![1, 90],
        _ => vec![rng.u8(0..3), rng.u8(..)],
    }
}

/// A record of epoch 0 around such content.
pub(super) fn plaintext_record(rng: &mut Rng, content: &Content) -> Vec<u8> {
    let number = if rng.u8(0..8) == 0 { rng.u64(0..1 << 48) } else { rng.u64(0..20) };
    let len = content.bytes.len() as u16;
    let mut record = plaintext_header(content.kind, number, len).to_vec();
    record.extend_from_slice(&content.bytes);
    record
}

/// What a plaintext record holds.
pub(super) fn plaintext_content(record: &[u8]) -> Option<Content> {
    let record = PlaintextRecord::parse(record).ok()?;
    let bytes = record.fragment.to_vec();
    Some(Content { epoch: 0, kind: record.content_type, bytes })
}
