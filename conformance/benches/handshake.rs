//! A full handshake, the client's and the server's share of it apart: ECDSA P-256 certificate,
//! no cookie, no client certificate, chain taken as it comes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use dtls_conformance::load::configs;
use dtls_conformance::pair::{Identity, START};
use dtls_core::{ClientConfig, Connection, PathId, ServerConfig};
use dtls_crypto_api::{CipherSuite, NamedGroup};

/// Time spent in one end's calls.
#[derive(Default)]
struct Spent {
    client: Duration,
    server: Duration,
}

fn timed<T>(spent: &mut Duration, run: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = run();
    *spent += start.elapsed();
    result
}

fn handshake(
    client: &Arc<ClientConfig>,
    server: &Arc<ServerConfig>,
    identity: &Identity,
    buf: &mut [u8],
    spent: &mut Spent,
) {
    let Spent { client: of_client, server: of_server } = spent;
    let name = Some("example.com".to_owned());
    let mut client = timed(of_client, || {
        Connection::client(client.clone(), name, START, PathId(0)).expect("a client")
    });
    let mut server = timed(of_server, || {
        Connection::server(server.clone(), START, PathId(0), true).expect("a server")
    });
    loop {
        let there = hand_over((&mut client, of_client), (&mut server, of_server), identity, buf);
        let back = hand_over((&mut server, of_server), (&mut client, of_client), identity, buf);
        if !there && !back {
            break;
        }
    }
    assert!(client.is_connected() && server.is_connected());
    timed(of_client, || drop(client));
    timed(of_server, || drop(server));
}

fn hand_over(
    (from, of_from): (&mut Connection, &mut Duration),
    (to, of_to): (&mut Connection, &mut Duration),
    identity: &Identity,
    buf: &mut [u8],
) -> bool {
    let mut any = false;
    while let Some(transmit) = timed(of_from, || from.poll_transmit(START, buf, 1)) {
        any = true;
        timed(of_to, || {
            let datagram = &mut buf[..transmit.len];
            while to.receive(START, PathId(0), datagram).next().expect("a handshake").is_some() {}
            identity.answer_all(to, START).expect("answers");
        });
    }
    any
}

fn benchmark(c: &mut Criterion) {
    let mut group = c.benchmark_group("handshake");
    let suite = CipherSuite::TLS_AES_128_GCM_SHA256;
    for key_exchange in [NamedGroup::X25519, NamedGroup::X25519MLKEM768] {
        let (client, server, identity) = configs(suite, key_exchange);
        let mut buf = vec![0; 2000];
        let name = key_exchange.name().unwrap_or_default();
        for side in ["client", "server"] {
            group.bench_function(BenchmarkId::new(side, name), |b| {
                b.iter_custom(|count| {
                    let mut spent = Spent::default();
                    for _ in 0..count {
                        handshake(&client, &server, &identity, &mut buf, &mut spent);
                    }
                    if side == "client" { spent.client } else { spent.server }
                });
            });
        }
    }
}

criterion_group!(benches, benchmark);
criterion_main!(benches);
