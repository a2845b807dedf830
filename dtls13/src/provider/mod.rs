//! The backends this build has, each as the provider a configuration is made with; and what can
//! be put around any provider.
//!
//! Nothing here is chosen for you: a configuration names its provider. Each backend is a cargo
//! feature of this crate, and features only add:
//!
//! | feature | adds | needs |
//! |---|---|---|
//! | `rustcrypto` (default) | `rustcrypto()`: pure Rust | nothing |
//! | `openssl` | `openssl()`: OpenSSL | libcrypto 3.0 or newer with headers |
//! | `openssl-vendored` | the same, on an OpenSSL built from source | a C compiler, perl, make |
//! | `fips` | `openssl_fips()`: OpenSSL with a FIPS module of yours | as `openssl`; the module at run time |
//! | `botan` | `botan()`: Botan | Botan 3 with headers |
//! | `botan-vendored` | the same, on a Botan built from source | a C++ compiler, python, make |
//! | `plugin` | `plugin()`: any provider in a shared library | the library at run time |
//!
//! With none of them the crate builds all the same, and any other `Arc<dyn CryptoProvider>`
//! serves. A function whose feature is off can be named but not called: the compiler says which
//! feature it wants.
//!
//! [`Restricted`] keeps a provider to a [`Policy`], [`Counted`] counts and times what it does.
//! Moving from one provider to another when it fails is no decorator, since a connection keeps
//! its provider: see [`FailoverConfig`](crate::FailoverConfig).
//!
//! # Example
//!
//! ```
//! # #[cfg(feature = "rustcrypto")]
//! # {
//! use dtls13::provider::{self, Policy, Restricted};
//! use std::sync::Arc;
//!
//! // Whatever this build has, kept to post-quantum key exchange.
//! for backend in provider::all() {
//!     let restricted = Arc::new(Restricted::new(backend, Policy::post_quantum()));
//!     let config = dtls13::ClientConfig::builder(restricted);
//!     # let _ = config;
//! }
//! # }
//! ```

mod counted;
mod missing;
mod policy;
mod restricted;
mod statistics;

use std::sync::Arc;

use dtls_core::crypto::CryptoProvider;

pub use counted::Counted;
pub use missing::*;
pub use policy::Policy;
pub use restricted::Restricted;
pub use statistics::{Operation, OperationStatistics, Statistics};

#[cfg(feature = "plugin")]
pub use dtls_provider_dynamic::LoadError;
#[cfg(feature = "fips")]
pub use dtls_provider_openssl::{FipsError, FipsOptions};

/// The pure Rust backend (RustCrypto and dalek), with the operating system's randomness.
#[cfg(feature = "rustcrypto")]
pub fn rustcrypto() -> Arc<dyn CryptoProvider> {
    Arc::new(dtls_provider_rustcrypto::RustCryptoProvider::new())
}

/// OpenSSL. What the linked library lacks is found out when this is called, and not offered.
#[cfg(feature = "openssl")]
pub fn openssl() -> Arc<dyn CryptoProvider> {
    Arc::new(dtls_provider_openssl::OpenSslProvider::new())
}

/// OpenSSL with everything from a FIPS module, which is loaded and tested here.
///
/// # Errors
/// What is wrong with the module or its configuration. There is no other OpenSSL to fall back to.
#[cfg(feature = "fips")]
pub fn openssl_fips(options: FipsOptions) -> Result<Arc<dyn CryptoProvider>, FipsError> {
    Ok(Arc::new(dtls_provider_openssl::OpenSslProvider::fips(options)?))
}

/// Botan.
#[cfg(feature = "botan")]
pub fn botan() -> Arc<dyn CryptoProvider> {
    Arc::new(dtls_provider_botan::BotanProvider::new())
}

/// A provider in a shared library, which is loaded here and stays loaded as long as anything of
/// it is in use. The library becomes a part of this process: load only what you trust.
///
/// # Errors
/// What is wrong with the file or with what it holds.
#[cfg(feature = "plugin")]
pub fn plugin(path: impl AsRef<std::path::Path>) -> Result<Arc<dyn CryptoProvider>, LoadError> {
    Ok(Arc::new(dtls_provider_dynamic::DynamicProvider::load(path)?))
}

/// Every backend of this build that needs no options: all but FIPS modules and plug-ins. Each
/// says its name in its capabilities.
pub fn all() -> Vec<Arc<dyn CryptoProvider>> {
    vec![
        #[cfg(feature = "rustcrypto")]
        rustcrypto(),
        #[cfg(feature = "openssl")]
        openssl(),
        #[cfg(feature = "botan")]
        botan(),
    ]
}
