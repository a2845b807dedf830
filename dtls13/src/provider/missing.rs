//! What stands in the place of a backend whose feature is off: a function of the same name that
//! nobody can call, so that the compiler's message names the feature instead of saying that there
//! is no such function.
//!
//! The bound of such a function is never met. It has a lifetime in it because the compiler
//! refuses a bound that is plainly false where it stands, and looks at this one only where the
//! function is called.

use std::marker::PhantomData;

/// The features of this build, of which a backend is missing.
#[doc(hidden)]
#[derive(Debug)]
pub struct ThisBuild<'call>(PhantomData<&'call ()>);

macro_rules! missing {
    (
        feature $feature:literal, $marker:ident, $message:literal,
        fn $function:ident$(<$argument:ident>)?() -> $output:ty
    ) => {
        #[cfg(not(feature = $feature))]
        #[doc(hidden)]
        #[diagnostic::on_unimplemented(
            message = $message,
            label = "this backend is not in the build",
            note = "the backends are features of dtls13: `rustcrypto` (on by default), `openssl`, \
                    `openssl-vendored`, `fips`, `botan`, `botan-vendored`, `plugin`; without any, \
                    hand over an `Arc<dyn CryptoProvider>` of your own"
        )]
        pub trait $marker {}

        #[cfg(not(feature = $feature))]
        #[doc(hidden)]
        pub fn $function<'call $(, $argument)?>($(_: $argument)?) -> $output
        where
            ThisBuild<'call>: $marker,
        {
            unreachable!("its bound is met by nothing")
        }
    };
}

#[allow(dead_code, reason = "with all features nothing is missing")]
type Provider = std::sync::Arc<dyn dtls_core::crypto::CryptoProvider>;

missing!(
    feature "rustcrypto", FeatureRustcrypto,
    "this build of dtls13 has no RustCrypto backend: enable its feature `rustcrypto`",
    fn rustcrypto() -> Provider
);
missing!(
    feature "openssl", FeatureOpenssl,
    "this build of dtls13 has no OpenSSL backend: enable its feature `openssl` (the system's \
     library) or `openssl-vendored` (built from source)",
    fn openssl() -> Provider
);
missing!(
    feature "fips", FeatureFips,
    "this build of dtls13 cannot load FIPS modules: enable its feature `fips`",
    fn openssl_fips<O>() -> Result<Provider, crate::Error>
);
missing!(
    feature "botan", FeatureBotan,
    "this build of dtls13 has no Botan backend: enable its feature `botan` (the system's library) \
     or `botan-vendored` (built from source)",
    fn botan() -> Provider
);
missing!(
    feature "plugin", FeaturePlugin,
    "this build of dtls13 cannot load providers from shared libraries: enable its feature `plugin`",
    fn plugin<P>() -> Result<Provider, crate::Error>
);
