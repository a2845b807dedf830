//! The kit against the RustCrypto provider.

use dtls_provider_rustcrypto::RustCryptoProvider;

dtls_conformance::provider_tests!(RustCryptoProvider::new());
