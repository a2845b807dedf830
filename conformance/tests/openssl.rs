//! The kit against the OpenSSL provider, on whatever libcrypto it is linked to.

use dtls_provider_openssl::OpenSslProvider;

dtls_conformance::provider_tests!(OpenSslProvider::new());
