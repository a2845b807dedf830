//! A library stays loaded as long as anything of it is in use, and no longer.

// Other systems (musl, for one) may keep a library that nobody uses any more.
#![cfg(all(target_os = "linux", target_env = "gnu"))]
#![allow(unsafe_code, reason = "asks the loader which libraries there are")]

mod common;

use std::path::Path;

use common::c_plugin;
use dtls_crypto_api::{CryptoProvider, HashAlgorithm};
use dtls_provider_dynamic::DynamicProvider;
use libloading::os::unix::{Library, RTLD_LAZY};

/// From glibc's `dlfcn.h`.
const RTLD_NOLOAD: std::ffi::c_int = 4;

fn is_loaded(library: &Path) -> bool {
    // SAFETY: nothing is loaded that is not loaded already.
    unsafe { Library::open(Some(library), RTLD_LAZY | RTLD_NOLOAD) }.is_ok()
}

#[test]
fn objects_keep_the_library_that_the_provider_has_left() {
    let library = c_plugin("LIFETIME");
    assert!(!is_loaded(&library));
    let provider = DynamicProvider::load(&library).unwrap();
    assert_eq!(provider.file(), library);
    let mut hash = provider.hash(HashAlgorithm::Sha256).unwrap();
    drop(provider);
    assert!(is_loaded(&library));
    hash.update(&[1, 2, 3]);
    let fork = hash.fork();
    assert_eq!(hash.finish().as_ref()[..3], [1, 2, 3]);
    assert!(is_loaded(&library));
    drop(fork);
    assert!(!is_loaded(&library));
}

#[test]
fn a_library_that_is_refused_does_not_stay() {
    for variant in ["WRONG_VERSION", "NULL_FUNCTION", "NEW_FAILS", "BAD_CAPABILITIES"] {
        let library = c_plugin(variant);
        let error = DynamicProvider::load(&library).unwrap_err();
        assert!(!is_loaded(&library), "{error}");
    }
}

#[test]
fn a_library_is_loaded_twice_for_two_providers_that_share_nothing() {
    let library = c_plugin("TWICE");
    let (one, two) =
        (DynamicProvider::load(&library).unwrap(), DynamicProvider::load(&library).unwrap());
    let kept = two.hash(HashAlgorithm::Sha256).unwrap();
    // This would end the process if the hash counted as one of the first provider.
    drop(one);
    drop(two);
    assert_eq!(kept.finish().as_ref(), [0; 32]);
    assert!(!is_loaded(&library));
}
