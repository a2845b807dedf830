//! The tokio endpoint, with itself and with the blocking one.
#![cfg(all(feature = "tokio", feature = "blocking", feature = "rustcrypto"))]

mod support;

use std::time::Duration;

use dtls13::Error;
use support::authority::{Authority, Leaf};
use support::{Accepting, LOCAL, NAME, PATIENCE, client, server};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_talk_to_tasks() {
    let authority = Authority::new("authority");
    let config = server(&authority, &Leaf::server(NAME));
    let endpoint = dtls13::tokio::Endpoint::server(LOCAL, config).await.unwrap();
    let address = endpoint.local_address();
    let serving = tokio::spawn(async move {
        let mut tasks = Vec::new();
        for _ in 0..5 {
            let incoming = endpoint.accept().await.unwrap();
            assert!(incoming.is_validated());
            tasks.push(tokio::spawn(async move {
                let connection = incoming.accept().await.unwrap();
                while let Ok(datagram) = connection.recv().await {
                    connection.send(&datagram).await.unwrap();
                }
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
    });
    let config = client(&authority);
    let mut clients = Vec::new();
    for peer in 0..5_u8 {
        let config = config.clone();
        clients.push(tokio::spawn(async move {
            let endpoint = dtls13::tokio::Endpoint::bind(LOCAL).await.unwrap();
            let connection = endpoint.connect(address, NAME, &config).await.unwrap();
            // Not even the first datagram of a fresh socket was lost.
            assert_eq!(connection.stats().protocol.retransmissions, 0);
            for round in 0..50_u8 {
                connection.send(&[peer, round]).await.unwrap();
                assert_eq!(connection.recv().await.unwrap(), [peer, round]);
            }
        }));
    }
    for client in clients {
        tokio::time::timeout(PATIENCE, client).await.unwrap().unwrap();
    }
    tokio::time::timeout(PATIENCE, serving).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_task_talks_to_a_thread() {
    let authority = Authority::new("authority");
    let accepting = Accepting::start(server(&authority, &Leaf::server(NAME)));
    let endpoint = dtls13::tokio::Endpoint::bind(LOCAL).await.unwrap();
    let address = accepting.address();
    let connection = endpoint.connect(address, NAME, &client(&authority)).await.unwrap();
    let server = tokio::task::spawn_blocking(|| accepting.connection().unwrap()).await.unwrap();
    connection.send(b"hello, thread").await.unwrap();
    let server = tokio::task::spawn_blocking(move || {
        assert_eq!(server.recv_timeout(PATIENCE).unwrap(), b"hello, thread");
        server.send(b"hello, task").unwrap();
        server
    });
    let server = server.await.unwrap();
    assert_eq!(connection.recv().await.unwrap(), b"hello, task");
    drop(server);
    assert!(matches!(connection.recv().await, Err(Error::ClosedByPeer)));
}

#[tokio::test]
async fn a_dropped_future_gives_the_handshake_up() {
    let silent = std::net::UdpSocket::bind(LOCAL).unwrap();
    let address = silent.local_addr().unwrap();
    let config = client(&Authority::new("authority"));
    let endpoint = dtls13::tokio::Endpoint::bind(LOCAL).await.unwrap();
    let connecting = endpoint.connect(address, NAME, &config);
    assert!(tokio::time::timeout(Duration::from_millis(50), connecting).await.is_err());
    tokio::time::timeout(PATIENCE, endpoint.wait_idle()).await.unwrap();
    assert_eq!(endpoint.handshakes(), 0);
}
