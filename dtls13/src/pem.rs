//! Certificates, keys and revocation lists out of PEM text (RFC 7468).

use pki_types::pem::PemObject;
use pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};

use crate::Error;

/// Every certificate in the text, in order. Other sections are skipped.
///
/// # Errors
/// [`Error::BadPem`] when the text is damaged, [`Error::NoCertificate`] when there is none.
pub fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(certificates) if certificates.is_empty() => Err(Error::NoCertificate),
        Ok(certificates) => Ok(certificates),
        Err(_) => Err(Error::BadPem),
    }
}

/// The first private key in the text: PKCS#8, SEC1 or PKCS#1.
///
/// # Errors
/// [`Error::BadPem`] when the text is damaged, [`Error::NoPrivateKey`] when there is none.
pub fn private_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, Error> {
    PrivateKeyDer::from_pem_slice(pem).map_err(|error| match error {
        pki_types::pem::Error::NoItemsFound => Error::NoPrivateKey,
        _ => Error::BadPem,
    })
}

/// Every certificate revocation list in the text.
///
/// # Errors
/// [`Error::BadPem`] when the text is damaged, [`Error::BadCrl`] when there is none.
pub fn revocation_lists(pem: &[u8]) -> Result<Vec<CertificateRevocationListDer<'static>>, Error> {
    let found: Result<Vec<_>, _> = CertificateRevocationListDer::pem_slice_iter(pem).collect();
    match found {
        Ok(lists) if lists.is_empty() => Err(Error::BadCrl),
        Ok(lists) => Ok(lists),
        Err(_) => Err(Error::BadPem),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const DAMAGED: &[u8] = b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n";

    #[rstest]
    #[case::nothing(b"", "NoCertificate")]
    #[case::other(b"-----BEGIN X-----\nAAAA\n-----END X-----\n", "NoCertificate")]
    #[case::damaged(DAMAGED, "BadPem")]
    #[case::cut(b"-----BEGIN CERTIFICATE-----\nAAAA\n", "BadPem")]
    fn what_is_wrong_with_pem_has_a_name(#[case] pem: &[u8], #[case] name: &str) {
        assert_eq!(format!("{:?}", certificates(pem).unwrap_err()), name);
    }

    #[test]
    fn a_missing_key_is_named() {
        assert!(matches!(private_key(b""), Err(Error::NoPrivateKey)));
        assert!(matches!(revocation_lists(b""), Err(Error::BadCrl)));
    }
}
