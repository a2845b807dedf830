//! The backends this build has, each as the provider a configuration is made with.
//!
//! Nothing here is chosen for you: a configuration names its provider. With no backend feature
//! this module is empty, and any other `Arc<dyn CryptoProvider>` does as well.

#[cfg(feature = "rustcrypto")]
use std::sync::Arc;

#[cfg(feature = "rustcrypto")]
use dtls_core::crypto::CryptoProvider;

/// The pure Rust backend (RustCrypto and dalek), with the operating system's randomness.
#[cfg(feature = "rustcrypto")]
pub fn rustcrypto() -> Arc<dyn CryptoProvider> {
    Arc::new(dtls_provider_rustcrypto::RustCryptoProvider::new())
}
