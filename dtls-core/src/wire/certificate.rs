//! Certificate, CertificateRequest and CertificateVerify (RFC 8446 4.3.2, 4.4.2, 4.4.3).

use alloc::vec::Vec;

use super::client_hello::{
    parse_distinguished_names, parse_whole, put_certificate_authorities, put_code_points,
};
use super::codec::{Malformed, Reader, U16List, put_u16, put_vec8, put_vec16, put_vec24};
use super::extension::{BadExtensions, ExtensionType, Extensions, put_extension};

/// One entry of a received Certificate.
#[derive(Clone, Copy, Debug)]
pub struct CertificateEntry<'a> {
    /// The certificate in DER.
    pub data: &'a [u8],
    /// The entry's extensions.
    pub extensions: Extensions<'a>,
}

/// A received Certificate.
#[derive(Clone, Debug)]
pub struct Certificate<'a> {
    /// Empty in the main handshake; otherwise that of the CertificateRequest.
    pub request_context: &'a [u8],
    /// End entity first.
    pub entries: Vec<CertificateEntry<'a>>,
}

impl<'a> Certificate<'a> {
    /// Reads the body of a Certificate.
    pub fn parse(body: &'a [u8]) -> Result<Self, BadExtensions> {
        let mut reader = Reader::new(body);
        let request_context = reader.vec8()?;
        let mut list = Reader::new(reader.vec24()?);
        reader.finish()?;
        let mut entries = Vec::new();
        while !list.is_empty() {
            let data = list.vec24()?;
            if data.is_empty() {
                return Err(BadExtensions::Malformed);
            }
            let extensions = Extensions::parse(list.vec16()?)?;
            entries.push(CertificateEntry { data, extensions });
        }
        Ok(Self { request_context, entries })
    }
}

/// Appends the body of a Certificate with the chain's certificates in DER, end entity first.
pub fn put_certificate(
    out: &mut Vec<u8>,
    request_context: &[u8],
    chain: impl IntoIterator<Item = impl AsRef<[u8]>>,
) {
    put_vec8(out, |out| out.extend_from_slice(request_context));
    put_vec24(out, |out| {
        for certificate in chain {
            put_vec24(out, |out| out.extend_from_slice(certificate.as_ref()));
            put_vec16(out, |_| ());
        }
    });
}

/// A received CertificateRequest.
#[derive(Clone, Copy, Debug)]
pub struct CertificateRequest<'a> {
    /// Empty in the main handshake.
    pub request_context: &'a [u8],
    /// The extension block.
    pub extensions: Extensions<'a>,
}

impl<'a> CertificateRequest<'a> {
    /// Reads the body of a CertificateRequest.
    pub fn parse(body: &'a [u8]) -> Result<Self, BadExtensions> {
        let mut reader = Reader::new(body);
        let request_context = reader.vec8()?;
        let extensions = Extensions::parse(reader.vec16()?)?;
        reader.finish()?;
        Ok(Self { request_context, extensions })
    }

    /// `signature_algorithms`, which must be there.
    pub fn signature_algorithms(&self) -> Result<Option<U16List<'a>>, Malformed> {
        let body = self.extensions.get(ExtensionType::SIGNATURE_ALGORITHMS);
        body.map(|body| U16List::new(parse_whole(body, Reader::vec16)?)).transpose()
    }

    /// The distinguished names of `certificate_authorities`.
    pub fn certificate_authorities(&self) -> Result<Option<Vec<&'a [u8]>>, Malformed> {
        let body = self.extensions.get(ExtensionType::CERTIFICATE_AUTHORITIES);
        body.map(|body| parse_whole(body, parse_distinguished_names)).transpose()
    }
}

/// Appends the body of a CertificateRequest.
pub fn put_certificate_request<'n>(
    out: &mut Vec<u8>,
    request_context: &[u8],
    schemes: impl IntoIterator<Item = u16>,
    schemes_cert: impl IntoIterator<Item = u16>,
    authorities: &'n [impl AsRef<[u8]> + 'n],
) {
    put_vec8(out, |out| out.extend_from_slice(request_context));
    put_vec16(out, |out| {
        put_extension(out, ExtensionType::SIGNATURE_ALGORITHMS, |out| {
            put_code_points(out, schemes);
        });
        let mut schemes_cert = schemes_cert.into_iter().peekable();
        if schemes_cert.peek().is_some() {
            put_extension(out, ExtensionType::SIGNATURE_ALGORITHMS_CERT, |out| {
                put_code_points(out, schemes_cert);
            });
        }
        put_certificate_authorities(out, authorities);
    });
}

/// A received CertificateVerify.
#[derive(Clone, Copy, Debug)]
pub struct CertificateVerify<'a> {
    /// The signature scheme's code point.
    pub scheme: u16,
    /// The signature.
    pub signature: &'a [u8],
}

impl<'a> CertificateVerify<'a> {
    /// Reads the body of a CertificateVerify.
    pub fn parse(body: &'a [u8]) -> Result<Self, Malformed> {
        parse_whole(body, |reader| Ok(Self { scheme: reader.u16()?, signature: reader.vec16()? }))
    }
}

/// Appends the body of a CertificateVerify.
pub fn put_certificate_verify(out: &mut Vec<u8>, scheme: u16, signature: &[u8]) {
    put_u16(out, scheme);
    put_vec16(out, |out| out.extend_from_slice(signature));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_chain_reads_back_as_written() {
        let mut body = Vec::new();
        put_certificate(&mut body, b"ctx", [&b"leaf"[..], b"issuer"]);
        let read = Certificate::parse(&body).unwrap();
        assert_eq!(read.request_context, b"ctx");
        assert!(read.entries.iter().map(|e| e.data).eq([&b"leaf"[..], b"issuer"]));
    }

    /// An empty `certificate_authorities` list is malformed, so it is left out.
    /// req: 8446-4.3.2-01
    #[test]
    fn a_request_without_authorities_has_no_such_extension() {
        let mut body = Vec::new();
        put_certificate_request(&mut body, b"", [0x0403, 0x0807], [], &[] as &[&[u8]]);
        let read = CertificateRequest::parse(&body).unwrap();
        assert!(read.signature_algorithms().unwrap().unwrap().iter().eq([0x0403, 0x0807]));
        assert!(read.extensions.get(ExtensionType::CERTIFICATE_AUTHORITIES).is_none());
        assert!(read.extensions.get(ExtensionType::SIGNATURE_ALGORITHMS_CERT).is_none());
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parsers_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Certificate::parse(&bytes);
            let _ = CertificateVerify::parse(&bytes);
            if let Ok(read) = CertificateRequest::parse(&bytes) {
                let _ = (read.signature_algorithms(), read.certificate_authorities());
            }
        }
    }
}
