//! The other side of the border: a Rust provider as a plug-in.
//!
//! [`export_provider!`](crate::export_provider) writes the one exported function; the table it
//! returns is the one of this module, the same for every provider but for the function that makes
//! it. Hosts may be written in C, so what comes in is checked as far as it can be, and no panic
//! leaves a function.

mod border;
mod capabilities;
mod envelope;
mod hash;
mod key_exchange;
mod provider;
mod record_keys;
mod signing_key;

use dtls_crypto_api::{CryptoError, CryptoProvider};

use crate::abi::{ABI_VERSION, Table};
use border::free;

/// Makes the provider of a plug-in. The macros implement it.
pub trait Make {
    /// A new provider.
    fn make() -> Made;
}

/// The table of a plug-in whose provider `M` makes.
pub const fn table<M: Make>() -> Table {
    Table {
        abi_version: ABI_VERSION,
        struct_size: size_of::<Table>() as u32,
        bytes_free: Some(border::bytes_free),
        provider_new: Some(provider::provider_new::<M>),
        provider_free: Some(free::<provider::Exported>),
        capabilities: Some(provider::capabilities),
        self_test: Some(provider::self_test),
        random: Some(provider::random),
        hash_new: Some(hash::hash_new),
        hash_update: Some(hash::hash_update),
        hash_fork: Some(hash::hash_fork),
        hash_finish: Some(hash::hash_finish),
        hash_free: Some(free::<hash::Exported>),
        hmac: Some(hash::hmac),
        hkdf_extract: Some(hash::hkdf_extract),
        hkdf_expand: Some(hash::hkdf_expand),
        schedule_extract: Some(hash::schedule_extract),
        schedule_expand: Some(hash::schedule_expand),
        seal_key_new: Some(record_keys::seal_key_new),
        seal: Some(record_keys::seal),
        seal_mask: Some(record_keys::seal_mask),
        seal_key_free: Some(free::<record_keys::ExportedSeal>),
        open_key_new: Some(record_keys::open_key_new),
        open: Some(record_keys::open),
        open_mask: Some(record_keys::open_mask),
        open_key_free: Some(free::<record_keys::ExportedOpen>),
        key_exchange_new: Some(key_exchange::key_exchange_new),
        key_exchange_share: Some(key_exchange::key_exchange_share),
        key_exchange_complete: Some(key_exchange::key_exchange_complete),
        key_exchange_free: Some(free::<key_exchange::Exported>),
        encapsulate: Some(key_exchange::encapsulate),
        signing_key_load: Some(signing_key::signing_key_load),
        signing_key_generate: Some(signing_key::signing_key_generate),
        signing_key_algorithms: Some(signing_key::signing_key_algorithms),
        signing_key_public: Some(signing_key::signing_key_public),
        sign: Some(signing_key::sign),
        signing_key_free: Some(free::<signing_key::Exported>),
        verify: Some(signing_key::verify),
        envelope_new: Some(envelope::envelope_new),
        envelope_seal: Some(envelope::envelope_seal),
        envelope_open: Some(envelope::envelope_open),
        envelope_free: Some(free::<envelope::Exported>),
    }
}

/// Makes a shared library (`crate-type = ["cdylib"]`) a plug-in: exports `dtls_crypto_plugin`.
///
/// The argument is an expression that makes the provider, evaluated each time the plug-in is
/// loaded; after `try` it is one that may fail, a `Result<_, CryptoError>`.
///
/// A panic of the provider ends at the border, where it becomes
/// [`CryptoError::Backend`](dtls_crypto_api::CryptoError::Backend); so do not build the plug-in
/// with `panic = "abort"`.
///
/// ```
/// use dtls_crypto_api::{CryptoError, CryptoProvider};
/// use dtls_provider_rustcrypto::RustCryptoProvider;
///
/// fn tested() -> Result<RustCryptoProvider, CryptoError> {
///     let provider = RustCryptoProvider::new();
///     provider.self_test()?;
///     Ok(provider)
/// }
///
/// dtls_provider_dynamic::export_provider!(try tested());
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! export_provider {
    ($($provider:tt)*) => {
        const _: () = {
            $crate::plugin_entry!(fn entry => $($provider)*);

            #[allow(unsafe_code, reason = "the symbol is the interface's own and no other's")]
            #[unsafe(no_mangle)]
            pub extern "C" fn dtls_crypto_plugin(abi_version: u32) -> *const $crate::abi::Table {
                entry(abi_version)
            }
        };
    };
}

/// Writes a function that does what `dtls_crypto_plugin` does, under any name: for plug-ins that
/// are linked into the program and made into providers by
/// [`DynamicProvider::linked`](crate::DynamicProvider::linked). The provider is said as for
/// [`export_provider!`].
///
/// ```
/// use dtls_crypto_api::{CryptoError, CryptoProvider};
/// use dtls_provider_dynamic::{DynamicProvider, plugin_entry};
/// use dtls_provider_rustcrypto::RustCryptoProvider;
///
/// plugin_entry!(fn rustcrypto => RustCryptoProvider::new());
///
/// // SAFETY: the macro wrote a function that keeps to the interface.
/// let provider = unsafe { DynamicProvider::linked("rustcrypto", rustcrypto) }?;
/// assert_eq!(provider.capabilities().name, "rustcrypto");
/// # Ok::<(), dtls_provider_dynamic::LoadError>(())
/// ```
#[macro_export]
macro_rules! plugin_entry {
    ($visibility:vis fn $name:ident => try $provider:expr) => {
        $visibility extern "C" fn $name(_abi_version: u32) -> *const $crate::abi::Table {
            struct Maker;
            impl $crate::export::Make for Maker {
                fn make() -> $crate::export::Made {
                    match $provider {
                        Ok(provider) => Ok(Box::new(provider)),
                        Err(error) => Err(error),
                    }
                }
            }
            static TABLE: $crate::abi::Table = $crate::export::table::<Maker>();
            &raw const TABLE
        }
    };
    ($visibility:vis fn $name:ident => $provider:expr) => {
        $visibility extern "C" fn $name(_abi_version: u32) -> *const $crate::abi::Table {
            struct Maker;
            impl $crate::export::Make for Maker {
                fn make() -> $crate::export::Made {
                    Ok(Box::new($provider))
                }
            }
            static TABLE: $crate::abi::Table = $crate::export::table::<Maker>();
            &raw const TABLE
        }
    };
}

/// What [`Make::make`] answers.
pub type Made = Result<Box<dyn CryptoProvider>, CryptoError>;
