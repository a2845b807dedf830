//! Certificate, CertificateVerify, Finished and CertificateRequest (RFC 8446 4.3.2, 4.4).

mod common;

use common::puppet::{Message, Puppet, as_it_is, body_of};
use dtls_core::crypto::SignatureScheme;
use dtls_core::wire::alert::AlertDescription;
use dtls_core::wire::certificate::{CertificateRequest, put_certificate_request};
use dtls_core::wire::extension::ExtensionType;
use dtls_core::wire::handshake::HandshakeType;
use dtls_core::{
    CertificateRejection, ClientAuth, Error, InvalidMessage, PeerIncompatible, PeerMisbehaved,
};
use rstest::rstest;

const P256: SignatureScheme = SignatureScheme::ECDSA_SECP256R1_SHA256;

fn unexpected(kind: HandshakeType) -> Error {
    PeerMisbehaved::UnexpectedMessage(kind).into()
}

/// The puppet signs anew over what stands in its transcript, so only the change is wrong.
fn certificate(change: impl Fn(&mut Vec<u8>) + 'static) -> Box<dyn FnMut(&mut Message)> {
    Box::new(body_of(HandshakeType::CERTIFICATE, change))
}

fn verify(change: impl Fn(&mut Vec<u8>) + 'static) -> Box<dyn FnMut(&mut Message)> {
    Box::new(body_of(HandshakeType::CERTIFICATE_VERIFY, change))
}

fn scheme(code: u16) -> Box<dyn FnMut(&mut Message)> {
    verify(move |body| body[..2].copy_from_slice(&code.to_be_bytes()))
}

fn finished(change: impl Fn(&mut Vec<u8>) + 'static) -> Box<dyn FnMut(&mut Message)> {
    Box::new(body_of(HandshakeType::FINISHED, change))
}

/// An SCT extension behind the first certificate, unasked.
fn entry_extension(body: &mut Vec<u8>) {
    let len = body.len();
    body[len - 1] = 4;
    body.extend_from_slice(&[0, 18, 0, 0]);
    let total = (body.len() - 4) as u32;
    body[1..4].copy_from_slice(&total.to_be_bytes()[1..]);
}

/// req: 8446-4.4.2-01, 8446-4.4.2-05, 8446-4.2-01, 8446-4.2.3-03, 8446-4.4.3-03, 8446-4.4.3-04
/// req: 8446-4.4.2.2-01
#[rstest]
#[case::no_certificates(certificate(|body| *body = vec![0, 0, 0, 0]), InvalidMessage::EmptyCertificate.into())]
#[case::a_context(certificate(|body| { body[0] = 1; body.insert(1, 9); }), PeerMisbehaved::WrongRequestContext.into())]
#[case::an_extension(certificate(entry_extension), PeerMisbehaved::UnofferedExtension(ExtensionType::SIGNED_CERTIFICATE_TIMESTAMP).into())]
#[case::no_key(certificate(|body| *body = vec![0, 0, 0, 8, 0, 0, 3, 0x30, 1, 0, 0, 0]), InvalidMessage::CertificateEncoding.into())]
#[case::pkcs1(scheme(0x0401), PeerMisbehaved::UnofferedSignatureScheme(SignatureScheme(0x0401)).into())]
#[case::sha1(scheme(0x0203), PeerMisbehaved::UnofferedSignatureScheme(SignatureScheme(0x0203)).into())]
#[case::unknown(scheme(0x4a4a), PeerMisbehaved::UnofferedSignatureScheme(SignatureScheme(0x4a4a)).into())]
#[case::another_kind_of_key(scheme(0x0804), PeerMisbehaved::SchemeForOtherKey(SignatureScheme(0x0804)).into())]
#[case::another_curve(scheme(0x0503), PeerMisbehaved::SchemeForOtherKey(SignatureScheme(0x0503)).into())]
#[case::a_wrong_signature(verify(|body| { let last = body.len() - 1; body[last] ^= 1; }), PeerMisbehaved::BadCertificateVerify.into())]
#[case::an_empty_signature(verify(|body| { body.truncate(4); body[2..].fill(0); }), PeerMisbehaved::BadCertificateVerify.into())]
#[case::a_wrong_finished(finished(|body| body[0] ^= 1), PeerMisbehaved::BadFinished.into())]
#[case::a_short_finished(finished(|body| { body.pop(); }), InvalidMessage::FinishedLength.into())]
fn a_server_that_cannot_prove_who_it_is_gets_its_alert(
    #[case] alter: Box<dyn FnMut(&mut Message)>,
    #[case] error: Error,
) {
    let mut puppet = Puppet::server();
    let flight = puppet.flight(alter);
    puppet.forget();
    puppet.send(&flight);
    puppet.assert_failed(error, 2);
}

/// req: 8446-4.4.2-01, 8446-4.4.3-01
#[rstest]
#[case::no_certificate(&[HandshakeType::CERTIFICATE, HandshakeType::CERTIFICATE_VERIFY], HandshakeType::FINISHED)]
#[case::no_certificate_but_verify(&[HandshakeType::CERTIFICATE], HandshakeType::CERTIFICATE_VERIFY)]
#[case::no_verify(&[HandshakeType::CERTIFICATE_VERIFY], HandshakeType::FINISHED)]
fn a_server_has_to_show_certificate_and_proof(
    #[case] skip: &[HandshakeType],
    #[case] met: HandshakeType,
) {
    let mut puppet = Puppet::server();
    puppet.skip = skip.to_vec();
    let flight = puppet.flight(as_it_is);
    puppet.forget();
    puppet.send(&flight);
    puppet.assert_failed(unexpected(met), 2);
}

/// The signature is over the transcript with the server's words: signing with the client's, or
/// over another transcript, does not pass.
/// req: 8446-4.4.3-04
#[rstest]
#[case::for_the_other_role(true)]
#[case::over_another_transcript(false)]
fn a_signature_is_for_one_role_and_one_handshake(#[case] other_role: bool) {
    let mut puppet = Puppet::server();
    let mut flight = puppet.flight(as_it_is);
    let mut other = Puppet::server();
    let (key, _, _) = puppet.identity.clone().expect("a key");
    other.skip = vec![HandshakeType::CERTIFICATE_VERIFY, HandshakeType::FINISHED];
    if !other_role {
        other.skip.push(HandshakeType::CERTIFICATE);
    }
    other.flight(as_it_is);
    let message = other.to_be_signed(other_role);
    let signature = key.sign(P256.algorithm().expect("known"), &message).expect("signs");
    let mut body = vec![4, 3, 0, signature.len() as u8];
    body.extend_from_slice(&signature);
    flight[3].body = body;
    puppet.forget();
    puppet.send(&flight);
    puppet.assert_failed(PeerMisbehaved::BadCertificateVerify, 2);
}

/// req: 8446-4.4.2-03
#[test]
fn only_the_first_certificate_is_the_servers_and_what_follows_may_be_superfluous() {
    let mut puppet = Puppet::server();
    if let Some((_, _, chain)) = &mut puppet.identity {
        chain.extend([vec![0x30, 0], b"no certificate at all".to_vec(), chain[0].clone()]);
    }
    puppet.connect();
    let mut puppet = Puppet::server();
    if let Some((_, _, chain)) = &mut puppet.identity {
        let key = puppet.provider.generate_private_key(dtls_core::crypto::KeyKind::Ecdsa(
            dtls_core::crypto::Curve::P256,
        ));
        let other = common::certificate(key.expect("a key").key.public_key(), 10);
        chain.insert(0, other);
    }
    let flight = puppet.flight(as_it_is);
    puppet.forget();
    puppet.send(&flight);
    puppet.assert_failed(PeerMisbehaved::BadCertificateVerify, 2);
}

/// req: 8446-4.4.2-02, 8446-4.3.2-02, 8446-4.4.2-03
#[test]
fn a_client_shows_a_certificate_if_and_only_if_it_is_asked() {
    let certificate = |puppet: &Puppet| {
        puppet.messages.iter().find(|m| m.msg_type == HandshakeType::CERTIFICATE).cloned()
    };
    let mut puppet = Puppet::server_for_client_with_certificate();
    puppet.connect();
    assert_eq!(certificate(&puppet), None);

    let mut puppet = Puppet::server_for_client_with_certificate();
    puppet.request_certificate = true;
    puppet.connect();
    let chain = puppet.end.credential.as_ref().map(|(_, _, chain)| chain[0].clone()).expect("one");
    let shown = certificate(&puppet).expect("a Certificate");
    assert_eq!(&shown.body[7..7 + chain.len()], &chain[..]);
    let kinds: Vec<_> = puppet.messages[1..].iter().map(|m| m.msg_type).collect();
    assert_eq!(
        kinds,
        [HandshakeType::CERTIFICATE, HandshakeType::CERTIFICATE_VERIFY, HandshakeType::FINISHED]
    );

    // Without one it says so and goes on to Finished.
    let mut puppet = Puppet::server();
    puppet.request_certificate = true;
    puppet.connect();
    assert_eq!(certificate(&puppet).expect("a Certificate").body, [0, 0, 0, 0]);
    let kinds: Vec<_> = puppet.messages[1..].iter().map(|m| m.msg_type).collect();
    assert_eq!(kinds, [HandshakeType::CERTIFICATE, HandshakeType::FINISHED]);
}

fn request(change: impl Fn(&mut Vec<u8>) + 'static) -> Box<dyn FnMut(&mut Message)> {
    Box::new(body_of(HandshakeType::CERTIFICATE_REQUEST, change))
}

/// req: 8446-4.3.2-02, 9846-4.3.2-01, 8446-4.2-02
#[rstest]
#[case::a_context(request(|body| {
    body.clear();
    put_certificate_request(body, b"x", [P256.0], [], &[] as &[&[u8]]);
}), PeerMisbehaved::WrongRequestContext.into())]
#[case::no_schemes(request(|body| *body = vec![0, 0, 0]), PeerMisbehaved::MissingExtension(ExtensionType::SIGNATURE_ALGORITHMS).into())]
#[case::only_something_else(request(|body| *body = vec![0, 0, 4, 0x5a, 0x5a, 0, 0]), PeerMisbehaved::MissingExtension(ExtensionType::SIGNATURE_ALGORITHMS).into())]
#[case::misplaced(request(|body| *body = vec![0, 0, 4, 0, 43, 0, 0]), PeerMisbehaved::MisplacedExtension(ExtensionType::SUPPORTED_VERSIONS).into())]
#[case::cut(request(|body| { body.pop(); }), InvalidMessage::Handshake(HandshakeType::CERTIFICATE_REQUEST).into())]
fn a_certificate_request_that_breaks_a_rule_gets_its_alert(
    #[case] alter: Box<dyn FnMut(&mut Message)>,
    #[case] error: Error,
) {
    let mut puppet = Puppet::server_for_client_with_certificate();
    puppet.request_certificate = true;
    let flight = puppet.flight(alter);
    puppet.forget();
    puppet.send(&flight);
    puppet.assert_failed(error, 2);
}

/// req: 8446-4.2.6-01, 8446-4.6.2-02
#[test]
fn a_request_after_the_handshake_that_was_not_invited_ends_the_connection() {
    let mut puppet = Puppet::server_for_client_with_certificate();
    assert!(puppet.client_hello().get(ExtensionType::POST_HANDSHAKE_AUTH).is_none());
    puppet.connect();
    let mut body = Vec::new();
    put_certificate_request(&mut body, b"ctx", [P256.0], [], &[] as &[&[u8]]);
    let message = puppet.message(3, HandshakeType::CERTIFICATE_REQUEST, &body);
    puppet.send(&[message]);
    puppet.assert_failed(unexpected(HandshakeType::CERTIFICATE_REQUEST), 3);
}

fn asking(auth: ClientAuth) -> Puppet {
    let mut puppet = Puppet::client_for(|config| config.client_auth = auth);
    puppet.say_hello(|_| ());
    puppet.forget();
    puppet
}

/// req: 8446-4.3.2-02, 9846-4.3.2-01
#[test]
fn our_request_has_an_empty_context_and_says_which_schemes_are_good() {
    let puppet = asking(ClientAuth::Optional);
    let message = puppet.messages.iter().find(|m| m.msg_type == HandshakeType::CERTIFICATE_REQUEST);
    let request = CertificateRequest::parse(&message.expect("a request").body).expect("valid");
    assert_eq!(request.request_context, []);
    let schemes = request.signature_algorithms().expect("well-formed").expect("there");
    assert!(schemes.contains(P256.0));
}

/// req: 8446-4.4.2-05, 8446-4.4.3-03, 8446-4.4.3-04, 8446-4.2.3-03
#[rstest]
#[case::an_extension(certificate(entry_extension), PeerMisbehaved::UnofferedExtension(ExtensionType::SIGNED_CERTIFICATE_TIMESTAMP).into())]
#[case::a_context(certificate(|body| { body[0] = 1; body.insert(1, 9); }), PeerMisbehaved::WrongRequestContext.into())]
#[case::pkcs1(scheme(0x0401), PeerMisbehaved::UnofferedSignatureScheme(SignatureScheme(0x0401)).into())]
#[case::another_kind_of_key(scheme(0x0804), PeerMisbehaved::SchemeForOtherKey(SignatureScheme(0x0804)).into())]
#[case::a_wrong_signature(verify(|body| { let last = body.len() - 1; body[last] ^= 1; }), PeerMisbehaved::BadCertificateVerify.into())]
#[case::a_wrong_finished(finished(|body| body[0] ^= 1), PeerMisbehaved::BadFinished.into())]
fn a_client_that_cannot_prove_who_it_is_gets_its_alert(
    #[case] alter: Box<dyn FnMut(&mut Message)>,
    #[case] error: Error,
) {
    let mut puppet = asking(ClientAuth::Required);
    let answer = puppet.answer(alter);
    puppet.send(&answer);
    assert_eq!(puppet.end.error(), Some(&error));
    let alert = error.alert().expect("an alert");
    assert!(matches!(puppet.alerts()[..], [(2 | 3, 2, sent)] if sent == alert));
    assert!(!puppet.end.is_connected());
}

/// req: 8446-4.4.2-02, 8446-4.4.3-01
#[rstest]
#[case::no_certificate(&[HandshakeType::CERTIFICATE, HandshakeType::CERTIFICATE_VERIFY], HandshakeType::FINISHED)]
#[case::no_verify(&[HandshakeType::CERTIFICATE_VERIFY], HandshakeType::FINISHED)]
fn a_client_that_was_asked_has_to_answer_in_full(
    #[case] skip: &[HandshakeType],
    #[case] met: HandshakeType,
) {
    let mut puppet = asking(ClientAuth::Optional);
    puppet.skip = skip.to_vec();
    let answer = puppet.answer(as_it_is);
    puppet.send(&answer);
    assert_eq!(puppet.end.error(), Some(&unexpected(met)));
}

/// req: 8446-4.4.2-02
#[test]
fn a_client_that_was_not_asked_must_not_show_a_certificate() {
    let mut puppet = Puppet::client();
    puppet.say_hello(|_| ());
    puppet.asked = true;
    let answer = puppet.answer(as_it_is);
    puppet.forget();
    puppet.send(&answer);
    assert_eq!(puppet.end.error(), Some(&unexpected(HandshakeType::CERTIFICATE)));
}

/// req: 8446-4.4.2-02
#[test]
fn a_client_without_a_certificate_is_let_in_or_not_as_configured() {
    let mut puppet = asking(ClientAuth::Optional);
    puppet.identity = None;
    let answer = puppet.answer(as_it_is);
    puppet.send(&answer);
    assert!(puppet.end.is_connected());

    let mut puppet = asking(ClientAuth::Required);
    puppet.identity = None;
    let answer = puppet.answer(as_it_is);
    puppet.send(&answer);
    let error = PeerIncompatible::ClientCertificateRequired.into();
    assert_eq!(puppet.end.error(), Some(&error));
    assert_eq!(puppet.alerts()[0].2, AlertDescription::CERTIFICATE_REQUIRED);
}

/// req: 8446-4.4.2.2-01
#[test]
fn a_server_shows_only_a_certificate_the_client_can_check() {
    let mut puppet = Puppet::client();
    // The server's key is for P-256; this client checks Ed25519 only.
    puppet.say_hello(|hello| hello.set(ExtensionType::SIGNATURE_ALGORITHMS, &[0, 2, 8, 7]));
    puppet.assert_failed(PeerIncompatible::NoCertificate, 0);
}

/// The verdict on the chain is the caller's; its reason is what the peer is told.
/// req: 8446-4.4.2-03
#[rstest]
#[case(CertificateRejection::Bad, AlertDescription::BAD_CERTIFICATE)]
#[case(CertificateRejection::UnknownIssuer, AlertDescription::UNKNOWN_CA)]
#[case(CertificateRejection::Expired, AlertDescription::CERTIFICATE_EXPIRED)]
fn a_chain_that_is_refused_ends_the_handshake_with_the_reason(
    #[case] verdict: CertificateRejection,
    #[case] alert: AlertDescription,
) {
    let mut puppet = Puppet::server();
    puppet.end.verdict = Err(verdict);
    let flight = puppet.flight(as_it_is);
    puppet.forget();
    puppet.send(&flight);
    assert_eq!(puppet.end.error(), Some(&Error::PeerCertificate(verdict)));
    assert_eq!(puppet.alerts(), [(2, 2, alert)]);
}
