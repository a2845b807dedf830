//! Each way in which a file is no plug-in, or a bad one, has its own name.

mod common;

use std::error::Error;
use std::mem::{offset_of, size_of};
use std::path::Path;

use common::c_plugin;
use dtls_crypto_api::{CryptoError, CryptoProvider, HashAlgorithm, NamedGroup};
use dtls_provider_dynamic::{DynamicProvider, LoadError, abi};

fn load(variant: &str) -> Result<DynamicProvider, LoadError> {
    let library = c_plugin(variant);
    let loaded = DynamicProvider::load(&library);
    if let Err(error) = &loaded {
        assert_eq!(error.file(), library);
        assert!(error.to_string().contains(variant), "{error}");
    }
    loaded
}

#[test]
fn a_plugin_in_c_is_loaded() {
    // One that has more than this program knows is taken as well.
    for variant in ["GOOD", "LONGER_TABLE"] {
        let provider = load(variant).unwrap();
        let capabilities = provider.capabilities();
        assert_eq!((&*capabilities.name, &*capabilities.version), ("toy", "1.0"));
        let group = capabilities.groups[0];
        assert_eq!((group.id, group.borrowed_from), (NamedGroup(0x6a6a), Some("elsewhere")));
        assert_eq!(provider.self_test(), Ok(()));
        assert_eq!(provider.random(&mut [0; 8]), Err(CryptoError::RandomFailed));
        let unsupported = CryptoError::Unsupported("all but a hash");
        assert_eq!(provider.hash(HashAlgorithm::Sha384).err(), Some(unsupported));

        let mut hash = provider.hash(HashAlgorithm::Sha256).unwrap();
        hash.update(&[1, 2, 3]);
        let mut fork = hash.fork();
        fork.update(&[4]);
        assert_eq!(hash.finish().as_ref()[..5], [1, 2, 3, 0, 0]);
        assert_eq!(fork.finish().as_ref()[..5], [1, 2, 3, 4, 0]);
    }
}

#[test]
fn a_file_that_is_missing_or_no_library_cannot_be_opened() {
    for path in ["tests/no-such-file.so", "Cargo.toml", "tests"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let error = DynamicProvider::load(&path).unwrap_err();
        assert!(matches!(error, LoadError::CannotOpen { .. }), "{error:?}");
        assert!(error.source().is_some_and(|source| !source.to_string().is_empty()));
        assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    }
}

/// A name alone would otherwise be looked for where the system keeps its libraries.
#[test]
fn a_bare_name_is_a_file_in_the_current_folder() {
    let error = DynamicProvider::load("libc.so.6").unwrap_err();
    assert!(matches!(error, LoadError::CannotOpen { .. }), "{error:?}");
}

#[test]
fn a_library_whose_symbols_cannot_be_bound_cannot_be_opened() {
    let error = load("UNDEFINED_SYMBOL").unwrap_err();
    assert!(matches!(error, LoadError::CannotOpen { .. }), "{error:?}");
    assert!(error.to_string().contains("a_function_of_no_library"), "{error}");
}

#[test]
fn a_library_without_the_symbol_is_no_plugin() {
    let error = load("NO_SYMBOL").unwrap_err();
    assert!(matches!(error, LoadError::NotAPlugin { .. }), "{error:?}");
}

#[test]
fn a_plugin_needs_a_table() {
    let error = load("NO_TABLE").unwrap_err();
    assert!(matches!(error, LoadError::NoTable { .. }), "{error:?}");
}

#[test]
fn another_version_is_refused() {
    let error = load("WRONG_VERSION").unwrap_err();
    assert!(matches!(error, LoadError::WrongVersion { wanted: 1, found: 2, .. }), "{error:?}");
}

#[test]
fn a_table_that_ends_early_is_refused() {
    let error = load("SHORT_TABLE").unwrap_err();
    let LoadError::TruncatedTable { wanted, found, .. } = error else { panic!("{error:?}") };
    assert_eq!(wanted, size_of::<abi::Table>());
    assert_eq!(found, offset_of!(abi::Table, envelope_free));
}

#[test]
fn a_missing_function_is_named() {
    let error = load("NULL_FUNCTION").unwrap_err();
    assert!(matches!(error, LoadError::MissingFunction { function: "verify", .. }), "{error:?}");
}

#[test]
fn a_provider_that_cannot_be_made_says_why() {
    for (variant, reason) in [
        ("NEW_FAILS", "the token is not plugged in"),
        ("NEW_FAILS_STRANGELY", "the plug-in answered with an unknown error number"),
        ("NEW_GIVES_NOTHING", "the plug-in answered without an object"),
    ] {
        let error = load(variant).unwrap_err();
        let LoadError::InitFailed { source, .. } = &error else { panic!("{error:?}") };
        assert_eq!(*source, CryptoError::Backend(reason));
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[test]
fn capabilities_that_make_no_sense_are_refused() {
    for (variant, why) in [("NO_CAPABILITIES", "nothing at all"), ("BAD_CAPABILITIES", "0xffff")] {
        let error = load(variant).unwrap_err();
        let LoadError::BadCapabilities { what, .. } = error else { panic!("{error:?}") };
        assert!(what.contains(why), "{what}");
    }
}
