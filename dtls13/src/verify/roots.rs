//! Trust anchors.

use pki_types::{CertificateDer, TrustAnchor};

use crate::Error;
use crate::pem;

/// The authorities whose certificates are trusted.
#[derive(Clone, Debug, Default)]
pub struct RootStore {
    anchors: Vec<TrustAnchor<'static>>,
}

impl RootStore {
    /// A store without any authority.
    pub fn new() -> Self {
        Self::default()
    }

    /// The authorities in PEM text.
    ///
    /// # Errors
    /// [`Error::BadPem`], [`Error::NoCertificate`] and [`Error::BadRoot`].
    pub fn from_pem(pem: &[u8]) -> Result<Self, Error> {
        let mut store = Self::new();
        for certificate in pem::certificates(pem)? {
            store.add(&certificate)?;
        }
        Ok(store)
    }

    /// The authorities Mozilla trusts, as of the release of the crate `webpki-roots`.
    #[cfg(feature = "webpki-roots")]
    pub fn webpki() -> Self {
        Self { anchors: webpki_roots::TLS_SERVER_ROOTS.to_vec() }
    }

    /// The authorities the operating system trusts. Those that cannot be read are left out.
    ///
    /// # Errors
    /// [`Error::NoRoots`] when there is none at all.
    #[cfg(feature = "native-roots")]
    pub fn native() -> Result<Self, Error> {
        let mut store = Self::new();
        for certificate in rustls_native_certs::load_native_certs().certs {
            let _ = store.add(&certificate);
        }
        if store.is_empty() { Err(Error::NoRoots) } else { Ok(store) }
    }

    /// Trusts one more authority.
    ///
    /// # Errors
    /// [`Error::BadRoot`] when the certificate cannot be read.
    pub fn add(&mut self, certificate: &CertificateDer<'_>) -> Result<(), Error> {
        let anchor = webpki::anchor_from_trusted_cert(certificate).map_err(|_| Error::BadRoot)?;
        self.anchors.push(anchor.to_owned());
        Ok(())
    }

    /// How many authorities there are.
    pub fn len(&self) -> usize {
        self.anchors.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.anchors.is_empty()
    }

    pub(crate) fn anchors(&self) -> &[TrustAnchor<'static>] {
        &self.anchors
    }

    /// The distinguished names of the authorities in DER, as a server names them to clients.
    pub(crate) fn subjects(&self) -> Vec<Vec<u8>> {
        self.anchors.iter().map(|anchor| sequence(&anchor.subject)).collect()
    }
}

/// A DER SEQUENCE around `content`: a trust anchor holds its subject without.
pub(super) fn sequence(content: &[u8]) -> Vec<u8> {
    const SEQUENCE: u8 = 0x30;
    element(SEQUENCE, &[content])
}

/// A DER element.
pub(super) fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let len: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = Vec::with_capacity(len + 5);
    out.push(tag);
    if len < 0x80 {
        out.push(len as u8);
    } else {
        let bytes = len.to_be_bytes();
        let used = bytes.iter().skip_while(|byte| **byte == 0).count();
        out.push(0x80 | used as u8);
        out.extend_from_slice(&bytes[bytes.len() - used..]);
    }
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_encoded_in_as_few_bytes_as_der_wants() {
        assert_eq!(element(4, &[&[7; 127]])[..2], [4, 127]);
        assert_eq!(element(4, &[&[7; 128]])[..3], [4, 0x81, 128]);
        assert_eq!(element(4, &[&[7; 200], &[7; 100]])[..4], [4, 0x82, 1, 44]);
    }

    #[test]
    fn damaged_authorities_are_named() {
        let mut store = RootStore::new();
        assert!(matches!(store.add(&CertificateDer::from(vec![1, 2, 3])), Err(Error::BadRoot)));
        assert!(store.is_empty());
    }
}
