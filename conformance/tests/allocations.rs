//! What records and idle connections cost in heap, counted by a global allocator.

use std::sync::Arc;
use std::time::Duration;

use dtls_conformance::memory::{Change, Watched};
use dtls_conformance::pair::{Identity, MAX_DATAGRAM, Pair, START, later};
use dtls_core::{ClientConfig, Connection, Inbound, Now, PathId, ServerConfig};
use dtls_crypto_api::{CipherSuite, CryptoProvider, NamedGroup};
use dtls_provider_rustcrypto::RustCryptoProvider;
use rstest::rstest;

fn measure(code: &mut dyn FnMut()) -> Change {
    let info = allocation_counter::measure(code);
    let peak = i64::try_from(info.bytes_max).unwrap_or(i64::MAX);
    Change { allocations: info.count_total, net: info.bytes_current, peak }
}

fn configs(suite: CipherSuite) -> (Arc<ClientConfig>, Arc<ServerConfig>, Identity) {
    let provider: Arc<dyn CryptoProvider> = Arc::new(RustCryptoProvider::new());
    let identity = Identity::new(provider.as_ref()).unwrap();
    let mut client = ClientConfig::new(provider.clone());
    client.common.cipher_suites = vec![suite];
    client.common.groups = vec![NamedGroup::X25519];
    client.key_shares = vec![NamedGroup::X25519];
    let mut server = ServerConfig::new(provider);
    server.common.cipher_suites = vec![suite];
    (Arc::new(client), Arc::new(server), identity)
}

/// Sends one datagram of `len` bytes and receives it, with all the calls a user makes.
fn one_record(from: &mut Connection, to: &mut Connection, now: Now, buf: &mut [u8], len: usize) {
    let start = from.headroom();
    let record = from.seal_in_place(now, buf, start..start + len).unwrap();
    let mut received = to.receive(now, PathId(0), &mut buf[record]);
    let Some(Inbound::Data { bytes, .. }) = received.next().unwrap() else {
        panic!("a data record brings data")
    };
    assert_eq!(bytes.len(), len);
    assert!(received.next().unwrap().is_none());
    drop(received);
    for connection in [from, to] {
        assert!(connection.poll_event().is_none());
        assert!(connection.need().is_none());
        assert!(connection.poll_transmit(now, buf, 1).is_none());
        if connection.deadline().is_some_and(|deadline| deadline <= now.monotonic) {
            connection.handle_deadline(now);
        }
    }
}

#[rstest]
#[case(CipherSuite::TLS_AES_128_GCM_SHA256)]
#[case(CipherSuite::TLS_AES_256_GCM_SHA384)]
#[case(CipherSuite::TLS_CHACHA20_POLY1305_SHA256)]
#[case(CipherSuite::TLS_AES_128_CCM_SHA256)]
#[case(CipherSuite::TLS_AES_128_CCM_8_SHA256)]
fn no_record_sent_or_received_allocates(#[case] suite: CipherSuite) {
    let (client, server, identity) = configs(suite);
    let mut pair = Pair::connected(client, server, identity).unwrap();
    while pair.client.poll_event().is_some() {}
    while pair.server.poll_event().is_some() {}
    let Pair { client, server, mut now, .. } = pair;
    let (mut client, mut server) = (client, server);
    client.set_mtu(MAX_DATAGRAM);
    server.set_mtu(MAX_DATAGRAM);
    let mut buf = vec![0; MAX_DATAGRAM];
    let mut all_sizes = |now: Now| {
        for len in [0, 1, 64, 1200, 16 << 10] {
            one_record(&mut client, &mut server, now, &mut buf, len);
            one_record(&mut server, &mut client, now, &mut buf, len);
        }
    };
    // Once while the handshake's epoch is still kept, once when it has expired: the expiry itself
    // gives memory back and takes a smaller piece.
    for start in [now, later(now, Duration::from_secs(1000))] {
        now = start;
        all_sizes(now);
        let change = measure(&mut || {
            for _ in 0..100 {
                now = later(now, Duration::from_secs(1));
                all_sizes(now);
            }
        });
        assert_eq!(change.allocations, 0);
    }
}

/// A connected pair, both ends watched.
fn watched_pair(
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
    identity: &Identity,
) -> (Watched, Watched) {
    let name = Some("example.com".to_owned());
    let mut client =
        Watched::new(measure, || Connection::client(client, name, START, PathId(0))).unwrap();
    let mut server =
        Watched::new(measure, || Connection::server(server, START, PathId(0), true)).unwrap();
    let mut buf = vec![0; 2000];
    loop {
        let there = hand_over(&mut client, &mut server, identity, &mut buf);
        let back = hand_over(&mut server, &mut client, identity, &mut buf);
        if !there && !back {
            return (client, server);
        }
    }
}

fn hand_over(from: &mut Watched, to: &mut Watched, identity: &Identity, buf: &mut [u8]) -> bool {
    let mut any = false;
    while let Some(transmit) = from.run(|from| from.poll_transmit(START, buf, 1)) {
        any = true;
        let datagram = &mut buf[..transmit.len];
        to.run(|to| while to.receive(START, PathId(0), datagram).next().unwrap().is_some() {});
        to.run(|to| identity.answer_all(to, START).unwrap());
    }
    from.run(|from| while from.poll_event().is_some() {});
    any
}

/// What an idle connection is allowed to hold, itself included, once old epochs have expired.
const IDLE_BYTES: i64 = 4096;

/// The same right after the handshake, with the handshake's epoch still readable.
const FRESH_BYTES: i64 = 5 << 10;

#[test]
fn an_idle_connection_takes_less_than_four_kib() {
    const CONNECTIONS: usize = 200;
    let (client, server, identity) = configs(CipherSuite::TLS_AES_128_GCM_SHA256);
    let mut ends: Vec<(Watched, Watched)> =
        (0..CONNECTIONS).map(|_| watched_pair(client.clone(), server.clone(), &identity)).collect();
    let itself = i64::try_from(size_of::<Connection>()).unwrap();
    let average = |ends: &[(Watched, Watched)]| {
        let count = i64::try_from(ends.len()).unwrap();
        let client: i64 = ends.iter().map(|(client, _)| client.live()).sum();
        let server: i64 = ends.iter().map(|(_, server)| server.live()).sum();
        [itself + client / count, itself + server / count]
    };
    let peak = |ends: &[(Watched, Watched)]| {
        let client = ends.iter().map(|(client, _)| client.peak()).max().unwrap();
        let server = ends.iter().map(|(_, server)| server.peak()).max().unwrap();
        [itself + client, itself + server]
    };
    let fresh = average(&ends);
    let highest = peak(&ends);
    let later = later(START, client.common.old_epoch_lifetime);
    for (client, server) in &mut ends {
        for end in [client, server] {
            assert!(end.get().is_connected());
            end.run(|end| end.handle_deadline(later));
            assert_eq!(end.get().deadline(), None, "nothing more is due");
        }
    }
    let idle = average(&ends);
    println!("bytes per connection, client and server ({itself} of them the connection itself):");
    println!("at most in the handshake {highest:?}, after it {fresh:?}, idle {idle:?}");
    assert!(fresh.iter().all(|bytes| *bytes < FRESH_BYTES), "{fresh:?}");
    assert!(idle.iter().all(|bytes| *bytes < IDLE_BYTES), "{idle:?}");
}
