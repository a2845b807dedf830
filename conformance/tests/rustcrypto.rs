//! The kit against the RustCrypto provider.

use std::sync::Arc;

use dtls_conformance::Options;
use dtls_conformance::check::RustCryptoAccess;
use dtls_provider_rustcrypto::RustCryptoProvider;

dtls_conformance::provider_tests!(
    RustCryptoProvider::new(),
    Options { access: Some(Arc::new(RustCryptoAccess)), ..Options::default() }
);
