//! Endpoints over real sockets on the loopback.
#![cfg(all(feature = "blocking", feature = "rustcrypto"))]

mod support;

use std::net::UdpSocket;
use std::thread;
use std::time::Duration;

use dtls13::blocking::Endpoint;
use dtls13::core::SendError;
use dtls13::{CookiePolicy, EndpointOptions, Error};
use rstest::rstest;
use support::authority::{Authority, Leaf};
use support::{Accepting, LOCAL, NAME, PATIENCE, client, meet, server};

#[test]
fn both_ends_agree_and_talk() {
    let authority = Authority::new("authority");
    let config = server(&authority, &Leaf::server(NAME)).alpn(["b", "a"]).unwrap();
    let (client, server) = meet(&client(&authority).alpn(["a", "b"]).unwrap(), config);
    let (client, server) = (client.unwrap(), server.unwrap());
    assert_eq!(client.summary().alpn.as_deref(), Some(&b"b"[..]));
    assert_eq!(server.summary().server_name.as_deref(), Some(NAME));
    let (mut ours, mut theirs) = ([1; 20], [2; 20]);
    client.export_keying_material(b"EXPORTER test", b"context", &mut ours).unwrap();
    server.export_keying_material(b"EXPORTER test", b"context", &mut theirs).unwrap();
    assert_eq!(ours, theirs);

    client.send(b"ping").unwrap();
    assert_eq!(server.recv_timeout(PATIENCE).unwrap(), b"ping");
    let longest = vec![9; server.max_payload()];
    server.send(&longest).unwrap();
    assert_eq!(client.recv_timeout(PATIENCE).unwrap(), longest);
    let too_long = client.send(&vec![0; client.max_payload() + 1]);
    assert!(matches!(too_long, Err(Error::Send(SendError::TooLarge { .. }))));
    assert!(client.try_recv().unwrap().is_none());
    assert!(matches!(client.recv_timeout(Duration::ZERO), Err(Error::TimedOut)));
}

/// req: 8446-6.1-01
#[test]
fn closing_leaves_the_other_direction_open() {
    let authority = Authority::new("authority");
    let (client, server) = meet(&client(&authority), server(&authority, &Leaf::server(NAME)));
    let (client, server) = (client.unwrap(), server.unwrap());
    client.send(b"last words").unwrap();
    client.close();
    assert!(matches!(client.send(b"more"), Err(Error::Send(SendError::Closed))));
    assert_eq!(server.recv_timeout(PATIENCE).unwrap(), b"last words");
    assert!(matches!(server.recv_timeout(PATIENCE), Err(Error::ClosedByPeer)));
    server.send(b"an answer").unwrap();
    assert_eq!(client.recv_timeout(PATIENCE).unwrap(), b"an answer");
    drop(server);
    assert!(matches!(client.recv_timeout(PATIENCE), Err(Error::ClosedByPeer)));
}

#[test]
fn many_datagrams_of_many_sizes_arrive_whole() {
    let authority = Authority::new("authority");
    let (client, server) = meet(&client(&authority), server(&authority, &Leaf::server(NAME)));
    let (client, server) = (client.unwrap(), server.unwrap());
    let datagrams: Vec<Vec<u8>> =
        (0..200_usize).map(|i| vec![i as u8; [0, 700, 700, 700, 300, 1100][i % 6]]).collect();
    client.send_all(datagrams.iter().map(Vec::as_slice)).unwrap();
    // UDP may lose some; what comes is whole, and on the loopback most comes.
    let mut received = Vec::new();
    while let Ok(datagram) = server.recv_timeout(Duration::from_millis(300)) {
        assert!(datagrams.contains(&datagram));
        received.push(datagram);
    }
    assert!(received.len() > 150, "{} came", received.len());
}

/// req: 9147-5.1-10, 9147-5.1-11, 9147-5.1-12
#[rstest]
#[case::by_default(None, true)]
#[case::never(Some(CookiePolicy::Never), false)]
#[case::idle(Some(CookiePolicy::UnderLoad), false)]
fn a_cookie_is_asked_for_unless_it_is_switched_off(
    #[case] policy: Option<CookiePolicy>,
    #[case] retried: bool,
) {
    let authority = Authority::new("authority");
    let mut options = EndpointOptions::server(server(&authority, &Leaf::server(NAME)));
    if let Some(policy) = policy {
        options = options.cookie_policy(policy);
    }
    let accepting = Accepting::with(options);
    let endpoint = Endpoint::bind(LOCAL).unwrap();
    // One share that fits, so that nothing else needs a retry.
    let config = client(&authority).groups(&[dtls13::core::crypto::NamedGroup::X25519]).unwrap();
    let connection = endpoint.connect(accepting.address(), NAME, &config).unwrap();
    assert_eq!(connection.summary().retried, retried);
    accepting.connection().unwrap();
}

#[test]
fn many_peers_share_one_socket() {
    const PEERS: usize = 12;
    let authority = Authority::new("authority");
    let endpoint = Endpoint::server(LOCAL, server(&authority, &Leaf::server(NAME))).unwrap();
    let address = endpoint.local_address();
    let accepting = endpoint.clone();
    let serving = thread::spawn(move || {
        let mut threads = Vec::new();
        for _ in 0..PEERS {
            let incoming = accepting.accept_timeout(PATIENCE).unwrap();
            threads.push(thread::spawn(move || {
                let connection = incoming.accept().unwrap();
                while let Ok(datagram) = connection.recv() {
                    connection.send(&datagram).unwrap();
                }
            }));
        }
        for thread in threads {
            thread.join().unwrap();
        }
    });
    let config = client(&authority);
    let clients: Vec<_> = (0..PEERS)
        .map(|peer| {
            let config = config.clone();
            thread::spawn(move || {
                let endpoint = Endpoint::bind(LOCAL).unwrap();
                let connection = endpoint.connect(address, NAME, &config).unwrap();
                for round in 0..20_u8 {
                    let datagram = [peer as u8, round];
                    connection.send(&datagram).unwrap();
                    assert_eq!(connection.recv_timeout(PATIENCE).unwrap(), datagram);
                }
            })
        })
        .collect();
    for client in clients {
        client.join().unwrap();
    }
    serving.join().unwrap();
    assert_eq!(endpoint.handshakes(), 0);
}

/// req: 9147-4.4-05
#[test]
fn a_long_chain_fits_a_small_mtu() {
    let root = Authority::new("root");
    let issuing =
        root.intermediate("one", 2100).intermediate("two", 2100).intermediate("three", 2100);
    let leaf = Leaf::server(NAME);
    let config = server(&issuing, &leaf).mtu(512).unwrap();
    let (client, server) = meet(&client(&root).mtu(512).unwrap(), config);
    let (client, server) = (client.unwrap(), server.unwrap());
    let chain: usize = client.peer_certificates().iter().map(|der| der.len()).sum();
    assert!(chain > 6 * 1024, "{chain}");
    assert_eq!(client.mtu() - client.max_payload(), client.header_len() + 17);
    assert!(server.stats().protocol.datagrams_sent > 12);
}

/// req: 9147-5.11-01, 9147-5.11-02, 9147-5.11-03
#[test]
fn a_client_that_begins_anew_takes_the_place_of_its_old_association() {
    let authority = Authority::new("authority");
    let endpoint = Endpoint::server(LOCAL, server(&authority, &Leaf::server(NAME))).unwrap();
    let address = endpoint.local_address();
    let accepting = endpoint.clone();
    let serving = thread::spawn(move || {
        let accept = || accepting.accept_timeout(PATIENCE).unwrap().accept().unwrap();
        let old = accept();
        old.send(b"to the old one").unwrap();
        (old, accept())
    });
    // The same port again, after the first client is gone without a word: a relay hides its
    // close_notify.
    let relay = UdpSocket::bind(LOCAL).unwrap();
    let outside = UdpSocket::bind(LOCAL).unwrap();
    let relay_address = relay.local_addr().unwrap();
    for (from, to_server) in [(&relay, true), (&outside, false)] {
        let (from, relay) = (from.try_clone().unwrap(), relay.try_clone().unwrap());
        let outside = outside.try_clone().unwrap();
        let client = CLIENT.get_or_init(Default::default);
        thread::spawn(move || {
            let mut buffer = [0; 2000];
            while let Ok((len, peer)) = from.recv_from(&mut buffer) {
                if to_server {
                    *client.lock().unwrap() = Some(peer);
                    let _ = outside.send_to(&buffer[..len], address);
                } else if let Some(client) = *client.lock().unwrap() {
                    let _ = relay.send_to(&buffer[..len], client);
                }
            }
        });
    }
    let config = client(&authority);
    let first = Endpoint::bind(LOCAL).unwrap();
    let old = first.connect(relay_address, NAME, &config).unwrap();
    assert_eq!(old.recv_timeout(PATIENCE).unwrap(), b"to the old one");
    // It never closes: to the server it has simply lost its state.
    std::mem::forget(old);
    let second = Endpoint::bind(LOCAL).unwrap();
    let new = second.connect(relay_address, NAME, &config).unwrap();
    let (old_at_server, new_at_server) = serving.join().unwrap();
    assert!(matches!(old_at_server.recv_timeout(PATIENCE), Err(Error::Replaced)));
    assert!(matches!(old_at_server.send(b"x"), Err(Error::Replaced)));
    new.send(b"new").unwrap();
    assert_eq!(new_at_server.recv_timeout(PATIENCE).unwrap(), b"new");
    drop(endpoint);
}

/// Who the relay's client is.
static CLIENT: std::sync::OnceLock<std::sync::Mutex<Option<std::net::SocketAddr>>> =
    std::sync::OnceLock::new();

#[test]
fn limits_hold() {
    let authority = Authority::new("authority");
    let options = EndpointOptions::server(server(&authority, &Leaf::server(NAME)));
    let accepting = Accepting::with(options.receive_queue(2000));
    let endpoint =
        Endpoint::bind_with(LOCAL, EndpointOptions::client().max_connections(1)).unwrap();
    let config = client(&authority);
    let connection = endpoint.connect(accepting.address(), NAME, &config).unwrap();
    let server = accepting.connection().unwrap();
    let other = UdpSocket::bind(LOCAL).unwrap();
    let full = endpoint.connect(other.local_addr().unwrap(), NAME, &config);
    assert!(matches!(full, Err(Error::TooManyConnections)));
    for _ in 0..10 {
        connection.send(&[1; 900]).unwrap();
    }
    connection.close();
    thread::sleep(Duration::from_millis(100));
    assert_eq!(server.stats().queue_dropped, 8);
    assert!(matches!(endpoint.accept(), Err(Error::NotListening)));
}

#[test]
fn an_endpoint_ends_when_nobody_holds_it() {
    let authority = Authority::new("authority");
    let (client, server) = meet(&client(&authority), server(&authority, &Leaf::server(NAME)));
    let (client, server) = (client.unwrap(), server.unwrap());
    // The client's endpoint was dropped in `meet`; the connection keeps it running.
    client.send(b"still here").unwrap();
    assert_eq!(server.recv_timeout(PATIENCE).unwrap(), b"still here");
    drop(client);
    assert!(matches!(server.recv_timeout(PATIENCE), Err(Error::ClosedByPeer)), "flushed");
}
