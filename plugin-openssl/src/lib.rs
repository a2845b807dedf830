//! The OpenSSL provider as a shared library.

use dtls_provider_openssl::OpenSslProvider;

dtls_provider_dynamic::export_provider!(OpenSslProvider::new());
