//! placeholder
use dtls_core::crypto::{CryptoProvider, Curve, KeyKind, SignatureScheme, SigningKey};
use dtls_core::*;
use dtls_provider_rustcrypto::RustCryptoProvider;
use std::sync::Arc;
use std::time::Duration;

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        l @ 0..128 => out.push(l as u8),
        l => out.extend_from_slice(&[0x82, (l >> 8) as u8, l as u8]),
    }
    out.extend_from_slice(content);
    out
}
fn cert(spki: &[u8]) -> Vec<u8> {
    let e = der(0x30, &[]);
    let tbs = der(0x30, &[&der(2, &[1])[..], &e, &e, &e, &e, spki].concat());
    der(0x30, &[&tbs[..], &e].concat())
}

fn answer(conn: &mut Connection, key: &Arc<dyn SigningKey>, now: Now) {
    while let Some(need) = conn.need().cloned() {
        let a = match need.kind {
            NeedKind::Credential(r) => {
                assert!(r.schemes.contains(&SignatureScheme::ECDSA_SECP256R1_SHA256));
                Answer::Credential(Some(Credential {
                    chain: vec![cert(key.public_key()).into()].into(),
                    scheme: SignatureScheme::ECDSA_SECP256R1_SHA256,
                }))
            }
            NeedKind::Signature { scheme, message } => {
                Answer::Signature(Some(key.sign(scheme.algorithm().unwrap(), &message).unwrap()))
            }
            NeedKind::PeerCertificate(_) => Answer::PeerCertificate(Ok(())),
            _ => unreachable!(),
        };
        conn.resolve(now, need.id, a).unwrap();
    }
}

#[test]
fn handshake_completes() {
    let p: Arc<dyn CryptoProvider> = Arc::new(RustCryptoProvider::new());
    let key = p.generate_private_key(KeyKind::Ecdsa(Curve::P256)).unwrap().key;
    let now = Now { monotonic: Instant::from_origin(Duration::from_secs(5)), wall: Duration::ZERO };
    let mut c = Connection::client(
        Arc::new(ClientConfig::new(p.clone())),
        Some("example.com".into()),
        now,
        PathId(0),
    )
    .unwrap();
    let mut s = Connection::server(Arc::new(ServerConfig::new(p)), now, PathId(0), true).unwrap();
    let mut buf = vec![0; 2000];
    for _ in 0..20 {
        while let Some(t) = c.poll_transmit(now, &mut buf, 1) {
            println!("c->s {} {:x?}", t.len, &buf[..14]);
            let _ = s.receive(now, PathId(0), &mut buf[..t.len]).next().unwrap();
            answer(&mut s, &key, now);
        }
        while let Some(t) = s.poll_transmit(now, &mut buf, 1) {
            println!("s->c {} {:x?}", t.len, &buf[..14]);
            let _ = c.receive(now, PathId(0), &mut buf[..t.len]).next().unwrap();
            answer(&mut c, &key, now);
        }
    }
    println!("{} {} {:?}", c.state_name(), s.state_name(), c.summary());
    assert!(c.is_connected() && s.is_connected());
    assert!(matches!(c.poll_event(), Some(Event::Connected)));
    assert!(matches!(c.poll_event(), Some(Event::Confirmed)));
}
