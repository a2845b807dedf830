//! The key schedule against RFC 8448, with the labels of TLS 1.3 and of DTLS 1.3.

mod common;

use common::{hex, provider};
use dtls_crypto_api::{
    CryptoProvider, DTLS13_PREFIX, Digest, HashAlgorithm, Label, NamedGroup, Secret, TLS13_PREFIX,
};
use rstest::rstest;

const SHA256: HashAlgorithm = HashAlgorithm::Sha256;

/// One protocol's column of the data file.
struct Trace {
    prefix: &'static [u8; 6],
    column: usize,
}

const TLS: Trace = Trace { prefix: TLS13_PREFIX, column: 0 };
const DTLS: Trace = Trace { prefix: DTLS13_PREFIX, column: 1 };

impl Trace {
    /// The expected value of this name, or `None` if none is published.
    fn value(&self, name: &str) -> Option<Vec<u8>> {
        let value = line("value", name)?.split(' ').nth(self.column).unwrap();
        (value != "-").then(|| hex(value))
    }

    fn secret(&self, name: &str) -> Secret {
        Secret::new(&self.value(name).unwrap()).unwrap()
    }

    #[track_caller]
    fn check(&self, name: &str, got: &[u8]) {
        if let Some(want) = self.value(name) {
            assert_eq!(got, want, "{name}");
        }
    }

    /// Derives one value and compares it, if there is something to compare with.
    #[track_caller]
    fn expand(&self, name: &str, secret: &Secret, label: &str, context: &[u8]) -> Secret {
        let len = self.value(name).map_or(32, |value| value.len());
        let label = Label { prefix: self.prefix, label: label.as_bytes(), context };
        let mut out = Secret::zeros(len).unwrap();
        provider().schedule_expand(SHA256, secret, &label, out.as_mut()).unwrap();
        self.check(name, out.expose());
        out
    }

    #[track_caller]
    fn extract(&self, name: &str, previous: Option<&Secret>, input: Option<&[u8]>) -> Secret {
        let out = provider().schedule_extract(SHA256, self.prefix, previous, input).unwrap();
        self.check(name, out.expose());
        out
    }
}

fn line(kind: &str, name: &str) -> Option<&'static str> {
    include_str!("data/key_schedule.txt")
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{kind} {name} ")))
}

fn message(name: &str) -> Vec<u8> {
    hex(line("message", name).unwrap())
}

/// The hash of the first messages, fed one by one.
fn transcript_hash(messages: &[&str]) -> Digest {
    let mut hash = provider().hash(SHA256).unwrap();
    for name in messages {
        hash.update(&message(name));
    }
    hash.finish()
}

const FLIGHTS: [&str; 7] = [
    "ClientHello",
    "ServerHello",
    "EncryptedExtensions",
    "Certificate",
    "CertificateVerify",
    "server_Finished",
    "client_Finished",
];

/// The shared secret of RFC 8448 3.
const SHARED: &str = "8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d";

#[test]
fn transcript_hashes_are_those_of_rfc_8448() {
    for (messages, want) in [
        (2, "860c06edc07858ee8e78f0e7428c58edd6b43f2ca3e6e95f02ed063cf0e1cad8"),
        (6, "9608102a0f1ccc6db6250b7b7e417b1a000eaada3daae4777a7686c9ff83df13"),
        (7, "209145a96ee8e2a122ff810047cc952684658d6049e86429426db87c54ad143d"),
    ] {
        assert_eq!(transcript_hash(&FLIGHTS[..messages]).as_ref(), hex(want));
    }
}

/// req: 9147-4.2.3-03
#[rstest]
#[case::tls(TLS)]
#[case::dtls(DTLS)]
fn every_secret_and_key_of_the_trace_comes_out(#[case] trace: Trace) {
    let empty_hash = transcript_hash(&[]);
    let hellos = transcript_hash(&FLIGHTS[..2]);
    let server_flight = transcript_hash(&FLIGHTS[..6]);
    let both_flights = transcript_hash(&FLIGHTS);

    let early = trace.extract("early_secret", None, None);
    trace.expand("derived_1", &early, "derived", empty_hash.as_ref());
    let handshake = trace.extract("handshake_secret", Some(&early), Some(&hex(SHARED)));
    trace.expand("derived_2", &handshake, "derived", empty_hash.as_ref());
    let main = trace.extract("main_secret", Some(&handshake), None);

    let secrets = [
        ("client_handshake", "client_handshake_traffic_secret", &handshake, "c hs traffic", hellos),
        ("server_handshake", "server_handshake_traffic_secret", &handshake, "s hs traffic", hellos),
        (
            "client_application",
            "client_application_traffic_secret_0",
            &main,
            "c ap traffic",
            server_flight,
        ),
        (
            "server_application",
            "server_application_traffic_secret_0",
            &main,
            "s ap traffic",
            server_flight,
        ),
    ];
    for (keys, name, from, label, context) in secrets {
        let secret = trace.expand(name, from, label, context.as_ref());
        trace.expand(&format!("{keys}_key"), &secret, "key", b"");
        trace.expand(&format!("{keys}_iv"), &secret, "iv", b"");
        trace.expand(&format!("{keys}_sn_key"), &secret, "sn", b"");
    }

    let exporter = trace.expand("exporter_secret", &main, "exp master", server_flight.as_ref());
    if trace.value("exporter_dtls_srtp").is_some() {
        let label = "EXTRACTOR-dtls_srtp";
        let mut derived = Secret::zeros(32).unwrap();
        let step =
            Label { prefix: trace.prefix, label: label.as_bytes(), context: empty_hash.as_ref() };
        provider().schedule_expand(SHA256, &exporter, &step, derived.as_mut()).unwrap();
        trace.expand("exporter_dtls_srtp", &derived, "exporter", empty_hash.as_ref());
    }
    let resumption = trace.expand("resumption_secret", &main, "res master", both_flights.as_ref());
    trace.expand("ticket_psk_nonce_0000", &resumption, "resumption", &[0, 0]);
    let next = trace.secret("server_application_traffic_secret_0");
    trace.expand("server_application_traffic_secret_1", &next, "traffic upd", b"");

    let before_server_finished = transcript_hash(&FLIGHTS[..5]);
    for (side, hash) in [("server", before_server_finished), ("client", server_flight)] {
        let base = trace.secret(&format!("{side}_handshake_traffic_secret"));
        let key = trace.expand(&format!("{side}_finished_key"), &base, "finished", b"");
        let verify_data = provider().hmac(SHA256, key.expose(), &[hash.as_ref()]).unwrap();
        trace.check(&format!("{side}_verify_data"), verify_data.as_ref());
    }
}

#[rstest]
#[case::tls(TLS)]
#[case::dtls(DTLS)]
fn the_psk_binder_of_the_trace_comes_out(#[case] trace: Trace) {
    let empty_hash = transcript_hash(&[]);
    let early = trace.extract("psk_early_secret", None, Some(trace.secret("psk").expose()));
    let truncated = transcript_hash(&["psk_ClientHello"]);
    trace.check("psk_binder_hash", truncated.as_ref());

    for kind in ["res", "ext", "imp"] {
        let label = format!("{kind} binder");
        let key = trace.expand(&format!("{kind}_binder_key"), &early, &label, empty_hash.as_ref());
        let key = trace.expand(&format!("{kind}_finished_key"), &key, "finished", b"");
        let binder = provider().hmac(SHA256, key.expose(), &[truncated.as_ref()]).unwrap();
        trace.check(&format!("{kind}_binder"), binder.as_ref());
    }

    let hash = trace.value("psk_client_hello_hash").unwrap();
    trace.expand("client_early_traffic_secret", &early, "c e traffic", &hash);
}

/// The exchange that RFC 8448's trace rests on, done with our own side's fixed scalar.
#[test]
fn the_shared_secret_of_the_trace_comes_out_of_x25519() {
    use dtls_crypto_api::CryptoError;
    use dtls_provider_rustcrypto::{RandomSource, RustCryptoProvider};

    #[derive(Debug)]
    struct Fixed(Vec<u8>);
    impl RandomSource for Fixed {
        fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
            out.copy_from_slice(&self.0);
            Ok(())
        }
    }

    let client = "49af42ba7f7994852d713ef2784bcbcaa7911de26adc5642cb634540e7ea5005";
    let server = "b1580eeadf6dd589b8ef4f2d5652578cc810e9980191ec8d058308cea216a21e";
    let client = RustCryptoProvider::with_random(Fixed(hex(client)));
    let server = RustCryptoProvider::with_random(Fixed(hex(server)));
    let started = client.start_key_exchange(NamedGroup::X25519).unwrap();
    let public = "99381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c";
    assert_eq!(started.share(), hex(public));
    let answer = server.encapsulate(NamedGroup::X25519, started.share()).unwrap();
    let public = "c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f";
    assert_eq!(answer.share, hex(public));
    assert_eq!(answer.secret.expose(), hex(SHARED));
    assert_eq!(started.complete(&answer.share).unwrap().expose(), hex(SHARED));
}

/// An output of more than one block, and the lengths an `HkdfLabel` cannot hold.
#[test]
fn a_label_or_context_that_is_too_long_is_refused() {
    let provider = provider();
    let secret = Secret::new(&[7; 32]).unwrap();
    let mut out = [0; 16];
    let mut expand = |label: &[u8], context: &[u8]| {
        let label = Label { prefix: DTLS13_PREFIX, label, context };
        provider.schedule_expand(SHA256, &secret, &label, &mut out)
    };
    assert!(expand(&[b'x'; 249], &[0; 255]).is_ok());
    assert!(expand(&[b'x'; 250], &[]).is_err());
    assert!(expand(b"key", &[0; 256]).is_err());
}
