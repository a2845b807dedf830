//! What client and server share about certificates: reading a chain, what is signed, checking
//! CertificateVerify and Finished (RFC 8446 4.4.2 to 4.4.4).

use alloc::vec::Vec;

use dtls_crypto_api::pki_types::SubjectPublicKeyInfoDer;
use dtls_crypto_api::{ConstantTimeEq, CryptoError, CryptoProvider, Digest, SignatureScheme};

use super::extensions::{bad_message, check_answer};
use super::x509::subject_public_key_info;
use crate::config::CommonConfig;
use crate::error::{Error, InvalidMessage, PeerMisbehaved};
use crate::key_schedule::TrafficSecret;
use crate::wire::certificate::{Certificate, CertificateVerify};
use crate::wire::extension::{ExtensionType, Place};
use crate::wire::handshake::HandshakeType;

/// Context string of the server's signature: the words stay "TLS 1.3" in DTLS.
pub(crate) const SERVER_CONTEXT: &[u8; 33] = b"TLS 1.3, server CertificateVerify";
/// Context string of the client's signature.
pub(crate) const CLIENT_CONTEXT: &[u8; 33] = b"TLS 1.3, client CertificateVerify";

/// What CertificateVerify signs.
pub(crate) fn signed_content(context: &[u8; 33], transcript_hash: &Digest) -> Vec<u8> {
    let hash = transcript_hash.as_ref();
    let mut content = Vec::with_capacity(64 + context.len() + 1 + hash.len());
    content.resize(64, 0x20);
    content.extend_from_slice(context);
    content.push(0);
    content.extend_from_slice(hash);
    content
}

/// Reads a Certificate into its chain; `offered` tells which entry extensions we asked for.
pub(crate) fn read_chain(
    body: &[u8],
    request_context: &[u8],
    offered: impl Fn(ExtensionType) -> bool,
) -> Result<Vec<Vec<u8>>, Error> {
    let certificate = Certificate::parse(body).map_err(bad_message(HandshakeType::CERTIFICATE))?;
    if certificate.request_context != request_context {
        return Err(PeerMisbehaved::WrongRequestContext.into());
    }
    for entry in &certificate.entries {
        check_answer(&entry.extensions, Place::CERTIFICATE, &offered)?;
    }
    Ok(certificate.entries.iter().map(|entry| entry.data.to_vec()).collect())
}

/// The public key of the chain's end entity.
pub(crate) fn leaf_public_key(chain: &[Vec<u8>]) -> Result<Vec<u8>, Error> {
    chain
        .first()
        .and_then(|leaf| subject_public_key_info(leaf))
        .map(<[u8]>::to_vec)
        .ok_or_else(|| InvalidMessage::CertificateEncoding.into())
}

/// Checks a CertificateVerify and returns its scheme.
pub(crate) fn verify_certificate_verify(
    config: &CommonConfig,
    body: &[u8],
    public_key: &[u8],
    context: &[u8; 33],
    transcript_hash: &Digest,
) -> Result<SignatureScheme, Error> {
    let verify = CertificateVerify::parse(body)
        .map_err(|_| InvalidMessage::Handshake(HandshakeType::CERTIFICATE_VERIFY))?;
    let scheme = SignatureScheme(verify.scheme);
    let offered = config.signature_schemes.contains(&scheme);
    let (true, true, Some(algorithm)) =
        (offered, scheme.allowed_in_certificate_verify(), scheme.algorithm())
    else {
        return Err(PeerMisbehaved::UnofferedSignatureScheme(scheme).into());
    };
    let message = signed_content(context, transcript_hash);
    let public_key = SubjectPublicKeyInfoDer::from(public_key);
    config
        .provider
        .verify_signature(algorithm, &public_key, &message, verify.signature)
        .map(|()| scheme)
        .map_err(|error| match error {
            CryptoError::BadSignature => PeerMisbehaved::BadCertificateVerify.into(),
            CryptoError::BadPublicKey => PeerMisbehaved::SchemeForOtherKey(scheme).into(),
            other => other.into(),
        })
}

/// Checks a Finished in constant time.
pub(crate) fn verify_finished(
    provider: &dyn CryptoProvider,
    body: &[u8],
    peer_secret: &TrafficSecret,
    transcript_hash: &Digest,
) -> Result<(), Error> {
    let want = peer_secret.finished(provider, transcript_hash)?;
    if body.len() != want.as_ref().len() {
        return Err(InvalidMessage::FinishedLength.into());
    }
    if bool::from(want.as_ref().ct_eq(body)) {
        Ok(())
    } else {
        Err(PeerMisbehaved::BadFinished.into())
    }
}
