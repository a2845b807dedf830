//! The kit against the OpenSSL provider, on whatever libcrypto it is linked to.

use std::sync::Arc;

use dtls_conformance::Options;
use dtls_conformance::check::OpenSslAccess;
use dtls_provider_openssl::OpenSslProvider;

dtls_conformance::provider_tests!(
    OpenSslProvider::new(),
    Options { access: Some(Arc::new(OpenSslAccess(OpenSslProvider::new()))), ..Options::default() }
);
