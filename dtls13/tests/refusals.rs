//! Who is refused: the named error here, the right alert there.
#![cfg(all(feature = "blocking", feature = "rustcrypto"))]

mod support;

use std::net::UdpSocket;
use std::time::Duration;

use dtls13::blocking::Endpoint;
use dtls13::core::crypto::{CipherSuite, NamedGroup, SignatureScheme};
use dtls13::core::wire::alert::AlertDescription;
use dtls13::core::{CertificateRejection, Error as Core, PeerIncompatible};
use dtls13::{ClientAuth, ClientConfig, Error, ServerConfig, provider};
use rstest::rstest;
use support::authority::{Authority, Leaf};
use support::{LOCAL, NAME, PATIENCE, client, meet, roots, server, timers};

/// The server's alert or error, from whichever call tells it.
fn server_error(result: Result<dtls13::blocking::Connection, Error>) -> Error {
    match result {
        Ok(connection) => connection.recv_timeout(PATIENCE).unwrap_err(),
        Err(error) => error,
    }
}

fn assert_rejected(
    client: &ClientConfig,
    config: ServerConfig,
    why: CertificateRejection,
    alert: AlertDescription,
) {
    let (client, accepted) = meet(client, config);
    let error = client.unwrap_err();
    assert!(matches!(&error, Error::Connection(Core::PeerCertificate(w)) if *w == why), "{error}");
    let error = server_error(accepted);
    assert!(
        matches!(&error, Error::Connection(Core::AlertReceived(a)) if *a == alert),
        "instead of {alert}: {error}"
    );
}

#[test]
fn a_server_of_an_unknown_authority_is_refused() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    assert_rejected(
        &client(&ours),
        server(&theirs, &Leaf::server(NAME)),
        CertificateRejection::UnknownIssuer,
        AlertDescription::UNKNOWN_CA,
    );
}

#[rstest]
#[case::name(
    Leaf::server("other.example"),
    CertificateRejection::WrongName,
    AlertDescription::BAD_CERTIFICATE
)]
#[case::expired(
    Leaf { days: (-9, -2), ..Leaf::server(NAME) },
    CertificateRejection::Expired,
    AlertDescription::CERTIFICATE_EXPIRED
)]
#[case::early(
    Leaf { days: (2, 9), ..Leaf::server(NAME) },
    CertificateRejection::NotValidYet,
    AlertDescription::CERTIFICATE_EXPIRED
)]
#[case::usage(
    Leaf { names: vec![NAME.to_owned()], ..Leaf::client() },
    CertificateRejection::Unsupported,
    AlertDescription::UNSUPPORTED_CERTIFICATE
)]
fn a_certificate_that_does_not_fit_is_refused(
    #[case] leaf: Leaf,
    #[case] why: CertificateRejection,
    #[case] alert: AlertDescription,
) {
    let authority = Authority::new("authority");
    assert_rejected(&client(&authority), server(&authority, &leaf), why, alert);
}

#[test]
fn a_revoked_certificate_is_refused_and_another_is_not() {
    let authority = Authority::new("authority");
    let leaf = Leaf::server(NAME);
    let config = client(&authority).revocation_lists(&[authority.revoke(&[leaf.serial])]).unwrap();
    assert_rejected(
        &config,
        server(&authority, &leaf),
        CertificateRejection::Revoked,
        AlertDescription::CERTIFICATE_REVOKED,
    );
    let other = Leaf { serial: 99, ..leaf };
    let (connected, accepted) = meet(&config, server(&authority, &other));
    connected.unwrap();
    accepted.unwrap();
}

#[test]
fn a_pinned_certificate_is_accepted_whatever_it_says_and_no_other_is() {
    let authority = Authority::new("authority");
    let made = authority.issue(&Leaf { days: (-9, -2), ..Leaf::server("other.example") });
    let provider = provider::rustcrypto();
    let hash = |der: &[u8]| {
        let mut hash = provider.hash(dtls13::core::crypto::HashAlgorithm::Sha256).unwrap();
        hash.update(der);
        <[u8; 32]>::try_from(hash.finish().as_ref()).unwrap()
    };
    let pin = hash(&made.chain[0]);
    let config = ServerConfig::builder(provider.clone())
        .with_no_client_auth()
        .with_cert(made.chain, &made.key)
        .unwrap();
    let pinned = |pin| {
        let builder = ClientConfig::builder(provider.clone()).with_pinned_fingerprint(pin);
        builder.with_no_client_auth().unwrap()
    };
    let (connected, accepted) = meet(&pinned(pin), config.clone());
    assert_eq!(hash(&connected.unwrap().peer_certificates()[0]), pin);
    accepted.unwrap();
    assert_rejected(
        &pinned([0; 32]),
        config,
        CertificateRejection::UnknownIssuer,
        AlertDescription::UNKNOWN_CA,
    );
}

/// req: 8446-4.4.2-02, 8446-4.4.2.4-01
#[rstest]
#[case::required(ClientAuth::Required, false)]
#[case::optional(ClientAuth::Optional, true)]
fn a_client_without_a_certificate_gets_in_only_where_it_is_optional(
    #[case] auth: ClientAuth,
    #[case] gets_in: bool,
) {
    let authority = Authority::new("authority");
    let made = authority.issue(&Leaf::server(NAME));
    let config = ServerConfig::builder(provider::rustcrypto())
        .with_client_auth(roots(&authority), auth)
        .with_cert(made.chain, &made.key)
        .unwrap();
    let (connected, accepted) = meet(&client(&authority), config);
    let connected = connected.unwrap();
    if gets_in {
        let accepted = accepted.unwrap();
        assert!(accepted.peer_certificates().is_empty() && !accepted.is_client_authenticated());
        return;
    }
    let error = accepted.unwrap_err();
    let missing = PeerIncompatible::ClientCertificateRequired;
    assert!(matches!(&error, Error::Connection(Core::PeerIncompatible(m)) if *m == missing));
    let error = connected.recv_timeout(PATIENCE).unwrap_err();
    let alert = AlertDescription::CERTIFICATE_REQUIRED;
    assert!(matches!(&error, Error::Connection(Core::AlertReceived(a)) if *a == alert), "{error}");
}

#[rstest]
#[case::good(Leaf::client(), None)]
#[case::for_servers(Leaf::server("c.example"), Some(AlertDescription::UNSUPPORTED_CERTIFICATE))]
#[case::expired(Leaf { days: (-9, -2), ..Leaf::client() }, Some(AlertDescription::CERTIFICATE_EXPIRED))]
fn a_clients_certificate_is_judged_too(
    #[case] leaf: Leaf,
    #[case] refused: Option<AlertDescription>,
) {
    let authority = Authority::new("authority");
    let made = authority.issue(&Leaf::server(NAME));
    let config = ServerConfig::builder(provider::rustcrypto())
        .with_client_auth(roots(&authority), ClientAuth::Required)
        .with_cert(made.chain, &made.key)
        .unwrap();
    let mine = authority.issue(&leaf);
    let client = ClientConfig::builder(provider::rustcrypto())
        .with_roots(roots(&authority))
        .with_client_cert(mine.chain.clone(), &mine.key)
        .unwrap();
    let (connected, accepted) = meet(&client, config);
    let connected = connected.unwrap();
    let Some(alert) = refused else {
        assert_eq!(accepted.unwrap().peer_certificates(), mine.chain);
        return;
    };
    assert!(matches!(accepted, Err(Error::Connection(Core::PeerCertificate(_)))));
    let error = connected.recv_timeout(PATIENCE).unwrap_err();
    assert!(matches!(&error, Error::Connection(Core::AlertReceived(a)) if *a == alert), "{error}");
}

/// req: 8446-4.1.1-01, 8446-9.1-01
#[rstest]
#[case::suite(
    |c: ClientConfig| c.cipher_suites(&[CipherSuite::TLS_AES_256_GCM_SHA384]).unwrap(),
    |s: ServerConfig| s.cipher_suites(&[CipherSuite::TLS_AES_128_GCM_SHA256]).unwrap(),
    AlertDescription::HANDSHAKE_FAILURE
)]
#[case::group(
    |c: ClientConfig| c.groups(&[NamedGroup::X25519]).unwrap(),
    |s: ServerConfig| s.groups(&[NamedGroup::SECP256R1]).unwrap(),
    AlertDescription::HANDSHAKE_FAILURE
)]
#[case::scheme(
    |c: ClientConfig| c.signature_schemes(&[SignatureScheme::ED25519]).unwrap(),
    |s: ServerConfig| s,
    AlertDescription::HANDSHAKE_FAILURE
)]
#[case::alpn(
    |c: ClientConfig| c.alpn(["coap"]).unwrap(),
    |s: ServerConfig| s.alpn(["webrtc"]).unwrap(),
    AlertDescription::NO_APPLICATION_PROTOCOL
)]
fn without_anything_in_common_the_client_gets_the_alert(
    #[case] of_client: fn(ClientConfig) -> ClientConfig,
    #[case] of_server: fn(ServerConfig) -> ServerConfig,
    #[case] alert: AlertDescription,
) {
    let authority = Authority::new("authority");
    let config = of_server(server(&authority, &Leaf::server(NAME)));
    let endpoint = Endpoint::server(LOCAL, config).unwrap();
    let address = endpoint.local_address();
    let accepting = std::thread::spawn(move || {
        // The listener answers some of them by itself, and then nobody comes.
        endpoint.accept_timeout(Duration::from_secs(2))?.accept()
    });
    let connecting = Endpoint::bind(LOCAL).unwrap();
    let error = connecting.connect(address, NAME, &of_client(client(&authority))).unwrap_err();
    assert!(matches!(&error, Error::Connection(Core::AlertReceived(a)) if *a == alert), "{error}");
    let error = accepting.join().unwrap().unwrap_err();
    assert!(
        matches!(error, Error::TimedOut | Error::Connection(Core::PeerIncompatible(_))),
        "{error}"
    );
}

/// A ClientHello of DTLS 1.2 without supported_versions.
fn dtls12_hello() -> Vec<u8> {
    let mut body = vec![0xfe, 0xfd];
    body.extend([0x42; 32]); // random
    body.extend([0, 0]); // session_id, cookie
    body.extend([0, 2, 0xc0, 0x2b]); // TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
    body.extend([1, 0]); // compression: null
    body.extend([0, 8, 0, 10, 0, 4, 0, 2, 0, 23]); // supported_groups: P-256
    let len = (body.len() as u32).to_be_bytes();
    let mut message = vec![1, len[1], len[2], len[3], 0, 0, 0, 0, 0, len[1], len[2], len[3]];
    message.extend(body);
    let mut record = vec![22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0];
    record.extend((message.len() as u16).to_be_bytes());
    record.extend(message);
    record
}

/// req: 8446-4.2.1-02, 8446-4.2.1-04, 9846-9.1-01
#[test]
fn a_client_of_dtls_1_2_gets_protocol_version() {
    let authority = Authority::new("authority");
    let endpoint = Endpoint::server(LOCAL, server(&authority, &Leaf::server(NAME))).unwrap();
    let socket = UdpSocket::bind(LOCAL).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket.send_to(&dtls12_hello(), endpoint.local_address()).unwrap();
    let mut answer = [0; 100];
    let (len, _) = socket.recv_from(&mut answer).unwrap();
    assert_eq!(answer[0], 21, "an alert");
    assert_eq!(answer[13..len], [2, AlertDescription::PROTOCOL_VERSION.0]);
    assert_eq!(endpoint.connections(), 0, "nothing is kept");
}

/// A server that answers every hello with HelloVerifyRequest speaks DTLS 1.2 at most.
#[test]
fn a_server_of_dtls_1_2_is_named() {
    let socket = UdpSocket::bind(LOCAL).unwrap();
    let address = socket.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut buffer = [0; 2000];
        let (_, from) = socket.recv_from(&mut buffer).unwrap();
        let mut answer = vec![22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12 + 7];
        answer.extend([3, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 7]);
        answer.extend([0xfe, 0xff, 4, 1, 2, 3, 4]);
        socket.send_to(&answer, from).unwrap();
    });
    let config = client(&Authority::new("authority"));
    let error = Endpoint::bind(LOCAL).unwrap().connect(address, NAME, &config).unwrap_err();
    let wanted = PeerIncompatible::HelloVerifyRequest;
    assert!(
        matches!(&error, Error::Connection(Core::PeerIncompatible(what)) if *what == wanted),
        "{error}"
    );
}

#[test]
fn a_silent_server_is_named() {
    let socket = UdpSocket::bind(LOCAL).unwrap();
    let mut short = timers();
    short.handshake_timeout = Duration::from_millis(300);
    let config = client(&Authority::new("authority")).timers(short);
    let endpoint = Endpoint::bind(LOCAL).unwrap();
    let address = socket.local_addr().unwrap();
    let error = endpoint.connect(address, NAME, &config).unwrap_err();
    assert!(matches!(error, Error::Connection(Core::Timeout(_))), "{error}");
}
