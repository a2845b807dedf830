//! What a user sees who builds without a backend: the compiler itself says what to enable.

use std::fs;
use std::path::Path;
use std::process::Command;

/// The lines of the front page's first example that a reader sees.
fn first_example() -> String {
    let page = include_str!("../src/lib.rs");
    let docs = page.lines().filter_map(|line| line.strip_prefix("//!")).map(str::trim_start);
    let example = docs.skip_while(|line| *line != "```").skip(1).take_while(|line| *line != "```");
    let visible: Vec<_> = example.filter(|line| !line.starts_with('#')).collect();
    assert!(visible.len() > 10, "the example is not where it was: {visible:?}");
    visible.join("\n")
}

/// Checks a program that depends on this crate without default features. What the compiler says.
fn check(program: &str) -> (bool, String) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-backend");
    fs::create_dir_all(folder.join("src")).unwrap();
    let manifest = format!(
        "[package]\nname = \"no-backend\"\nedition = \"2024\"\n\
         [dependencies]\ndtls13 = {{ path = '{}', default-features = false }}\n\
         [workspace]\n",
        here.display()
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    // The same versions as here, so that nothing has to be fetched.
    fs::copy(here.join("../Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    fs::write(folder.join("src/main.rs"), program).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--quiet", "--color=never", "--target-dir=target"])
        .current_dir(&folder)
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn without_a_backend_the_compiler_names_the_features() {
    // The user's own provider is welcome.
    let (ok, said) = check(
        "use dtls13::{ClientConfig, Error, core::crypto::CryptoProvider};\n\
         fn config(own: std::sync::Arc<dyn CryptoProvider>) -> Result<ClientConfig, Error> {\n\
         ClientConfig::builder(own).with_pinned_fingerprint([0; 32]).with_no_client_auth()\n\
         }\n\
         fn main() { let _ = config; assert!(dtls13::provider::all().is_empty()); }\n",
    );
    assert!(ok, "{said}");

    let example = first_example();
    let (ok, said) =
        check(&format!("fn main() -> Result<(), dtls13::Error> {{\n{example}\nOk(())\n}}\n"));
    assert!(!ok);
    for wanted in [
        "this build of dtls13 has no RustCrypto backend: enable its feature `rustcrypto`",
        "`openssl-vendored`, `fips`, `botan`",
        "`Arc<dyn CryptoProvider>` of your own",
        "gated behind the `blocking` feature",
    ] {
        assert!(said.contains(wanted), "{wanted:?} is not in:\n{said}");
    }

    let (ok, said) = check(
        "use dtls13::provider;\n\
         fn main() {\n\
         provider::openssl();\n\
         provider::openssl_fips(());\n\
         provider::botan();\n\
         provider::plugin(\"library\");\n\
         }\n",
    );
    assert!(!ok);
    for wanted in [
        "no OpenSSL backend: enable its feature `openssl` (the system's library) or",
        "cannot load FIPS modules: enable its feature `fips`",
        "no Botan backend: enable its feature `botan` (the system's library) or",
        "cannot load providers from shared libraries: enable its feature `plugin`",
    ] {
        assert!(said.contains(wanted), "{wanted:?} is not in:\n{said}");
    }
}
