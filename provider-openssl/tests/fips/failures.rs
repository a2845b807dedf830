//! Modules that do not work: each is an error with a name, and never a provider that works without
//! the module.

use std::fs;
use std::path::PathBuf;

use dtls_crypto_api::CryptoProvider;
use dtls_provider_openssl::{FipsError, FipsOptions, OpenSslProvider};

use crate::{Copy, alone, fips};

/// Expects a failure; the rest of the process then works as if nothing had been tried: the default
/// library, and a good module.
#[track_caller]
fn failure(loaded: Result<OpenSslProvider, FipsError>) -> FipsError {
    let error = loaded.map(|provider| format!("{provider:?}")).expect_err("no provider");
    OpenSslProvider::new().self_test().expect("the default library is as it was");
    fips().self_test().expect("a good module loads all the same");
    error
}

/// A module with one bit changed at this place, counted from the beginning or the end.
fn flipped(copy: &Copy, at: impl Fn(usize) -> usize) {
    let mut module = fs::read(&copy.options.module_path).unwrap();
    let at = at(module.len());
    module[at] ^= 1;
    fs::write(&copy.options.module_path, module).unwrap();
}

#[test]
fn a_missing_module_is_named() {
    alone(|| {
        let copy = Copy::new("no-module");
        fs::remove_file(&copy.options.module_path).unwrap();
        let error = failure(copy.load());
        assert!(matches!(error, FipsError::ModuleUnreadable { .. }), "{error:?}");
        assert!(error.to_string().contains(copy.options.module_path.to_str().unwrap()), "{error}");
    });
}

#[test]
fn a_folder_is_no_module() {
    alone(|| {
        let copy = Copy::new("folder");
        let options = FipsOptions { module_path: copy.folder.clone(), ..copy.options.clone() };
        let error = failure(OpenSslProvider::fips(options));
        assert!(matches!(error, FipsError::ModuleUnreadable { .. }), "{error:?}");
    });
}

#[test]
fn a_missing_configuration_is_named() {
    alone(|| {
        let copy = Copy::new("no-config");
        fs::remove_file(&copy.options.config_path).unwrap();
        let error = failure(copy.load());
        assert!(matches!(error, FipsError::ConfigUnreadable { .. }), "{error:?}");
        assert!(error.to_string().contains("fipsinstall"), "{error}");
        copy.set_config([0xff, 0xfe, 0x00]);
        let error = failure(copy.load());
        assert!(matches!(error, FipsError::ConfigUnreadable { .. }), "{error:?}");
    });
}

#[test]
fn a_module_with_one_bit_changed_fails_its_self_test_and_a_good_one_loads_afterwards() {
    alone(|| {
        // In the middle is code, near the end what describes the file's sections.
        for (name, at) in
            [("middle", (|len| len / 2) as fn(usize) -> usize), ("end", |len| len - 1)]
        {
            let copy = Copy::new(name);
            flipped(&copy, at);
            let error = failure(copy.load());
            assert!(matches!(error, FipsError::SelfTestFailed { .. }), "{name}: {error:?}");
            assert!(error.to_string().contains("fails its self test"), "{error}");
            // Nor does it come back when it is asked again.
            let again = failure(copy.load());
            assert!(matches!(again, FipsError::SelfTestFailed { .. }), "{name}: {again:?}");
        }
    });
}

#[test]
fn a_module_cut_short_is_not_loaded() {
    alone(|| {
        let copy = Copy::new("short");
        let module = fs::read(&copy.options.module_path).unwrap();
        fs::write(&copy.options.module_path, &module[..40]).unwrap();
        let error = failure(copy.load());
        assert!(matches!(error, FipsError::NotLoaded { .. }), "{error:?}");
    });
}

#[test]
fn a_file_that_is_no_module_is_not_loaded() {
    alone(|| {
        let copy = Copy::new("text");
        fs::write(&copy.options.module_path, "not a shared library\n").unwrap();
        let error = failure(copy.load());
        assert!(matches!(error, FipsError::NotLoaded { .. }), "{error:?}");
        // A library, but nothing of OpenSSL's.
        fs::copy(some_library(), &copy.options.module_path).unwrap();
        let error = failure(copy.load());
        assert!(matches!(error, FipsError::NotLoaded { .. }), "{error:?}");
    });
}

/// A shared library that is loaded into this process anyway.
fn some_library() -> PathBuf {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let path =
        maps.lines().find_map(|line| line.contains("libc.so").then(|| line.split(' ').next_back()));
    PathBuf::from(path.flatten().unwrap())
}

#[test]
fn a_checksum_of_another_module_fails_the_self_test() {
    alone(|| {
        let copy = Copy::new("mac");
        let config = copy.config();
        let at = config.find("module-mac = ").unwrap() + "module-mac = ".len();
        let mut touched = config.clone().into_bytes();
        touched[at] = if touched[at] == b'0' { b'1' } else { b'0' };
        copy.set_config(touched);
        let error = failure(copy.load());
        assert!(matches!(error, FipsError::SelfTestFailed { .. }), "{error:?}");
        // This file is out of service for the rest of the process, also under its own checksum.
        copy.set_config(config);
        let again = failure(copy.load());
        assert!(again.to_string().contains("start the program anew"), "{again}");
    });
}

#[test]
fn a_configuration_without_a_checksum_registers_nothing() {
    alone(|| {
        let copy = Copy::new("no-mac");
        let config = copy.config();
        let without = config.lines().filter(|line| !line.starts_with("module-mac"));
        copy.set_config(without.collect::<Vec<_>>().join("\n"));
        let error = failure(copy.load());
        assert!(matches!(error, FipsError::NotRegistered { .. }), "{error:?}");
    });
}

#[test]
fn an_openssl_cnf_is_not_taken_for_the_modules_configuration() {
    alone(|| {
        let copy = Copy::new("cnf");
        copy.set_config(
            "openssl_conf = init\n.include fipsmodule.cnf\n[init]\nproviders = list\n\
             [list]\nfips = fips_sect\ndefault = default_sect\n[default_sect]\nactivate = 1\n",
        );
        let error = failure(copy.load());
        assert!(matches!(error, FipsError::ConfigWithoutModule { .. }), "{error:?}");
    });
}

#[test]
fn a_weakened_configuration_is_refused() {
    alone(|| {
        for (check, weak) in [
            ("security-checks = 1", "security-checks = 0"),
            ("conditional-errors = 1", "conditional-errors = 0"),
        ] {
            let copy = Copy::new("weak");
            let config = copy.config();
            assert!(config.contains(check));
            copy.set_config(config.replace(check, weak));
            let error = failure(copy.load());
            let named =
                matches!(&error, FipsError::ConfigWeakened { setting, .. } if setting == weak);
            assert!(named, "{error:?}");
        }
    });
}

/// Through another section's name, or another file, more would come into force than the module.
#[test]
fn a_setting_that_reaches_beyond_its_section_is_refused() {
    alone(|| {
        for line in [
            "fips::security-checks = 0",
            "base::module = /elsewhere/provider.so",
            ".include = /etc/ssl/openssl.cnf",
            "note = $ENV::HOME",
            "note = a line that goes on \\",
        ] {
            let copy = Copy::new("beyond");
            copy.set_config(format!("{}\n{line}\nlast = 1\n", copy.config()));
            let error = failure(copy.load());
            let named =
                matches!(&error, FipsError::ConfigUnusable { setting, .. } if setting == line);
            assert!(named, "{line}: {error:?}");
        }
    });
}

/// Registering a running module anew, wrongly, must not put it out of service for those who use it.
#[test]
fn a_running_module_is_not_harmed_by_a_wrong_configuration() {
    alone(|| {
        let copy = Copy::new("running");
        let running = copy.load().unwrap();
        let config = copy.config();
        let at = config.find("module-mac = ").unwrap() + "module-mac = ".len();
        let mut touched = config.clone().into_bytes();
        touched[at] = if touched[at] == b'0' { b'1' } else { b'0' };
        copy.set_config(touched);
        let error = failure(copy.load());
        assert!(matches!(error, FipsError::RunsDifferently { .. }), "{error:?}");
        running.self_test().unwrap();
        copy.set_config(config);
        copy.load().unwrap().self_test().unwrap();
    });
}
