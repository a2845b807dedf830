//! The listener under the same attack, with every cookie policy.

use std::sync::Arc;
use std::time::Duration;

use dtls_core::listener::pool::MAX_HELLO_LEN;
use dtls_core::wire::ContentType;
use dtls_core::wire::handshake::{HandshakeType, put_fragment_header};
use dtls_core::{
    ClientConfig, Connection, CookiePolicy, Listener, Now, PathId, ServerConfig, Verdict,
};
use dtls_crypto_api::{CryptoProvider, NamedGroup};
use fastrand::Rng;

use super::forge::{self, plaintext_content, plaintext_record};
use super::keyring::Content;
use super::mutate::{damage, damage_body, noise, pick, put_message};
use super::{Fault, MAX_LISTENER_BYTES, Progress};
use crate::memory::Measure;
use crate::pair::{MAX_DATAGRAM, START, later};

/// Datagrams one listener gets.
const INPUTS: usize = 2000;

/// Length of a piece of a hello that never becomes complete.
const PIECE: u32 = 1000;

/// How many times its question an answer may be long (RFC 9147 5.1).
const AMPLIFICATION: usize = 3;

/// Attacks one listener.
///
/// # Errors
/// What the harness watches for.
pub(super) fn run(
    provider: &Arc<dyn CryptoProvider>,
    measure: Measure,
    mut rng: Rng,
    progress: &mut Progress,
) -> Result<(), Fault> {
    let policies = [CookiePolicy::Always, CookiePolicy::UnderLoad, CookiePolicy::Never];
    let policy = policies[rng.usize(0..3)];
    let config = Arc::new(ServerConfig::new(provider.clone()));
    let mut live = 0;
    let mut door = None;
    let made = measure(&mut || {
        door = Some(Listener::new(config.clone(), policy));
    });
    live += made.net;
    let Some(door) = door else { return Err(Fault::Harness("the measure did not run")) };
    let mut door = door.map_err(Fault::Setup)?;
    door.set_under_load(rng.bool());

    let mut hellos = hellos(provider, &mut rng)?;
    let mut now = START;
    let mut reply = vec![0; 1232];
    for _ in 0..INPUTS {
        let datagram = datagram(&mut rng, &hellos);
        progress.last.clone_from(&datagram);
        let address = address(&mut rng);
        let verdict = handle(&mut door, measure, &mut live, now, (&address, &datagram), &mut reply);
        match verdict {
            Verdict::Reply(len) if len > datagram.len() * AMPLIFICATION => {
                return Err(Fault::Amplified { received: datagram.len(), sent: len });
            }
            // A client whose cookie this is comes back with it.
            Verdict::Reply(len) if hellos.len() < 64 => {
                hellos.extend(second_hello(provider, &mut reply[..len]));
            }
            Verdict::Reply(_) | Verdict::Drop => {}
            // The hello leaves the listener's memory with the connection made from it.
            Verdict::Incoming(incoming) => {
                let mut incoming = Some(incoming);
                let mut accepted = Ok(());
                let change = measure(&mut || {
                    let connection =
                        incoming.take().map(|i| i.accept(now, PathId(0), config.clone()));
                    accepted = connection.transpose().map(drop);
                });
                live += change.net;
                accepted.map_err(Fault::Setup)?;
            }
        }
        progress.inputs += 1;
        progress.listener_peak = progress.listener_peak.max(live);
        if live > MAX_LISTENER_BYTES {
            return Err(Fault::Memory(live));
        }
        if rng.u8(0..32) == 0 {
            now = later(now, Duration::from_millis(rng.u64(0..1000)));
        }
    }
    *progress.states.entry(format!("listener {policy:?}")).or_default() += INPUTS as u64;
    Ok(())
}

/// One datagram to the door.
fn handle(
    door: &mut Listener,
    measure: Measure,
    live: &mut i64,
    now: Now,
    (address, datagram): (&[u8], &[u8]),
    reply: &mut [u8],
) -> Verdict {
    let mut verdict = Verdict::Drop;
    let change = measure(&mut || verdict = door.handle(now, address, datagram, reply));
    *live += change.net;
    verdict
}

/// Honest first hellos, whole and in fragments.
fn hellos(provider: &Arc<dyn CryptoProvider>, rng: &mut Rng) -> Result<Vec<Vec<u8>>, Fault> {
    let mut hellos = Vec::new();
    for mtu in [1232, 1232, 300] {
        let mut config = ClientConfig::new(provider.clone());
        config.common.mtu = mtu;
        if rng.bool() {
            config.key_shares = vec![NamedGroup::X25519];
        }
        let name = Some("fuzz.example".to_owned());
        let mut client =
            Connection::client(Arc::new(config), name, START, PathId(0)).map_err(Fault::Setup)?;
        let mut buffer = vec![0; MAX_DATAGRAM];
        while let Some(sent) = client.poll_transmit(START, &mut buffer, 1) {
            hellos.push(buffer[..sent.len].to_vec());
        }
    }
    Ok(hellos)
}

/// The hello with which some client answers a retry.
fn second_hello(provider: &Arc<dyn CryptoProvider>, retry: &mut [u8]) -> Vec<Vec<u8>> {
    let mut config = ClientConfig::new(provider.clone());
    config.key_shares = vec![NamedGroup::X25519];
    let client = Connection::client(Arc::new(config), None, START, PathId(0));
    let mut hellos = Vec::new();
    if let Ok(mut client) = client {
        let mut buffer = vec![0; MAX_DATAGRAM];
        while client.poll_transmit(START, &mut buffer, 1).is_some() {}
        drop(client.receive(START, PathId(0), retry));
        while let Some(sent) = client.poll_transmit(START, &mut buffer, 1) {
            hellos.push(buffer[..sent.len].to_vec());
        }
    }
    hellos
}

/// Few neighbourhoods, so that quotas and places are fought for; one address that is always the
/// same, so that cookies fit.
fn address(rng: &mut Rng) -> Vec<u8> {
    match rng.u8(0..4) {
        0 | 1 => vec![192, 0, 2, 1, 0x12, 0x34],
        2 => vec![10, rng.u8(..), rng.u8(..), rng.u8(..), 0x12, 0x34],
        _ => {
            let mut address = vec![0x20, 1, 0xd, 0xb8, rng.u8(0..4), rng.u8(..), 0, 0];
            address.resize(18, rng.u8(..));
            address.truncate(rng.usize(0..=18));
            address
        }
    }
}

fn datagram(rng: &mut Rng, hellos: &[Vec<u8>]) -> Vec<u8> {
    let honest = pick(rng, hellos).cloned().unwrap_or_default();
    match rng.u8(0..10) {
        0 => noise(rng, 1500),
        // Pieces of hellos as long as the pool takes them.
        8 | 9 => {
            let mut bytes = Vec::new();
            let (seq, offset) = (rng.u16(0..2), MAX_HELLO_LEN - PIECE * rng.u32(1..=8));
            let kind = HandshakeType::CLIENT_HELLO;
            put_fragment_header(&mut bytes, kind, MAX_HELLO_LEN, seq, offset, PIECE);
            bytes.resize(bytes.len() + PIECE as usize, 0x11);
            plaintext_record(rng, &Content { epoch: 0, kind: ContentType::HANDSHAKE, bytes })
        }
        1 => honest,
        2 | 3 => {
            let mut bytes = honest;
            let other = pick(rng, hellos).cloned().unwrap_or_default();
            damage(rng, &mut bytes, &other);
            bytes
        }
        4 | 5 => {
            let contents: Vec<_> = plaintext_content(&honest).into_iter().collect();
            let seq = rng.u16(0..3);
            let content = forge::content(rng, 0, &contents, seq);
            plaintext_record(rng, &content)
        }
        // A hello changed along its structure.
        _ => {
            let Some(mut content) = plaintext_content(&honest) else { return honest };
            let seq = u16::from(content.bytes.get(5).copied().unwrap_or_default());
            let body = content.bytes.get(12..).unwrap_or_default();
            let body = damage_body(rng, HandshakeType::CLIENT_HELLO, body);
            content.bytes.clear();
            put_message(rng, &mut content.bytes, HandshakeType::CLIENT_HELLO, seq, &body);
            plaintext_record(rng, &content)
        }
    }
}
