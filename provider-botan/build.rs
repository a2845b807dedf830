//! Says clearly what to install when Botan 3 is missing, and links the C++ runtime to a static one.
//!
//! The library itself is found and linked by the build script of `botan-sys`. That one takes
//! Botan 2 as well, and when it finds nothing it does not say what to do; this one looks in the
//! same places.

use std::env;
use std::path::{Path, PathBuf};

/// Where `botan-sys` looks for headers when `BOTAN_INCLUDE_DIR` is not set, in its order.
const INCLUDE_DIRS: [&str; 4] =
    ["/opt/homebrew/include", "/usr/local/include", "/usr/include", "/opt/include"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // A vendored build brings everything; documentation needs no library.
    if env::var_os("CARGO_FEATURE_VENDORED").is_some() || env::var_os("DOCS_RS").is_some() {
        return;
    }
    if let Err(what_is_wrong) = check_headers(path("BOTAN_INCLUDE_DIR").as_deref()) {
        for line in what_is_wrong.lines().chain(ADVICE.lines()) {
            println!("cargo::error={line}");
        }
        return;
    }
    if path("BOTAN_LIB_DIR").is_some_and(|dir| is_only_static(&dir)) {
        link_cxx_runtime();
    }
}

/// What helps in every case.
const ADVICE: &str = "\
Install Botan 3 with its headers:
    Debian 13, Ubuntu 25.04 and later:  apt install libbotan-3-dev
    Fedora:                             dnf install botan3-devel
    macOS:                              brew install botan
or build it from source with the feature `vendored` of dtls-provider-botan (`botan-vendored` of dtls13),
or set BOTAN_INCLUDE_DIR to the folder that holds `botan-3/` and BOTAN_LIB_DIR to that of the library.
In a checkout of the DTLS 1.3 workspace, `cargo xtask botan` builds one where it is looked for.";

/// A variable that names a folder, watched.
fn path(variable: &str) -> Option<PathBuf> {
    println!("cargo::rerun-if-env-changed={variable}");
    env::var_os(variable).map(PathBuf::from)
}

/// Whether `botan-sys` is going to find Botan 3 first.
fn check_headers(told: Option<&Path>) -> Result<(), String> {
    let dirs = match told {
        Some(dir) => vec![dir.to_path_buf()],
        None => INCLUDE_DIRS.map(PathBuf::from).to_vec(),
    };
    for dir in &dirs {
        let headers = dir.join("botan-3");
        if headers.exists() {
            println!("cargo::rerun-if-changed={}", headers.display());
            return Ok(());
        }
        if dir.join("botan-2").exists() {
            let dir = dir.display();
            return Err(format!("Botan 2 was found in {dir}, and Botan 3 is needed."));
        }
    }
    let dirs = dirs.iter().map(|dir| dir.display().to_string()).collect::<Vec<_>>().join(", ");
    Err(match told {
        Some(_) => format!("No Botan in {dirs}, where BOTAN_INCLUDE_DIR points."),
        None => format!("The headers of Botan 3 were not found in any of {dirs}."),
    })
}

/// Whether the folder holds a static library and no shared one. A shared one brings the C++
/// runtime itself.
fn is_only_static(dir: &Path) -> bool {
    let archive = dir.join("libbotan-3.a");
    if !archive.exists() {
        return false;
    }
    println!("cargo::rerun-if-changed={}", archive.display());
    !["libbotan-3.so", "libbotan-3.dylib"].into_iter().any(|name| dir.join(name).exists())
}

/// GNU's on Linux and with GNU tools on Windows, LLVM's elsewhere.
fn link_cxx_runtime() {
    let target_os = env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    let runtime = match target_os.as_str() {
        "linux" | "windows" => "stdc++",
        _ => "c++",
    };
    println!("cargo::rustc-link-lib={runtime}");
}
