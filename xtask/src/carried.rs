//! C source that travels inside a crate. Cargo fetches the crate for a throw-away package that
//! names it, from wherever this machine's cargo fetches crates; the crate itself is never compiled
//! and no crate of ours depends on it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::Value;

use crate::process::{self, cargo};
use crate::workspace;

/// Where a foreign project's source is found.
pub(crate) struct Carried {
    pub(crate) krate: &'static str,
    /// The version whose build was tried; part of a build's stamp.
    pub(crate) version: &'static str,
    /// The source's folder inside the crate.
    pub(crate) folder: &'static str,
    /// A file of that folder without which it is not what we want.
    pub(crate) proof: &'static str,
}

impl Carried {
    /// Puts a copy of the source at `to`, in place of what is there: builds write into it, and
    /// cargo's own copy must stay as it is.
    pub(crate) fn unpack(&self, to: &Path) -> anyhow::Result<()> {
        if to.exists() {
            fs::remove_dir_all(to).with_context(|| format!("cannot remove {}", to.display()))?;
        }
        let from = self.fetch()?;
        copy_folder(&from, to)
            .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
    }

    /// The source's folder in cargo's own cache.
    fn fetch(&self) -> anyhow::Result<PathBuf> {
        let Self { krate, version, folder, proof } = self;
        let package = workspace::kept("fetch").join(krate);
        fs::create_dir_all(package.join("src"))?;
        // The empty [workspace] table keeps cargo from looking for ours.
        let manifest = format!(
            "[package]\nname = \"fetch\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
             publish = false\n\n[dependencies]\n{krate} = \"={version}\"\n\n[workspace]\n"
        );
        fs::write(package.join("Cargo.toml"), manifest)?;
        fs::write(package.join("src").join("lib.rs"), "")?;
        let metadata =
            process::output(cargo(&["metadata", "--format-version", "1"]).current_dir(&package))?;
        let manifest = manifest_path(&serde_json::from_str(&metadata)?, krate)
            .with_context(|| format!("cargo metadata does not name {krate}"))?;
        let folder = manifest.with_file_name(folder);
        if !folder.join(proof).is_file() {
            bail!("{krate} {version} no longer carries the source: {proof} is missing");
        }
        Ok(folder)
    }
}

/// Where cargo has the manifest of a package that its metadata lists.
fn manifest_path(metadata: &Value, krate: &str) -> Option<PathBuf> {
    let mut packages = metadata["packages"].as_array()?.iter();
    let package = packages.find(|package| package["name"] == krate)?;
    Some(package["manifest_path"].as_str()?.into())
}

/// Copies a folder with all that is in it; a link becomes what it points to.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::manifest_path;

    #[test]
    fn the_crate_is_found_among_its_own_dependencies() {
        let metadata = json!({ "packages": [
            { "name": "cc", "manifest_path": "/cache/cc-1/Cargo.toml" },
            { "name": "openssl-src", "manifest_path": "/cache/openssl-src-300/Cargo.toml" },
        ] });
        let found = manifest_path(&metadata, "openssl-src").unwrap();
        assert_eq!(found, Path::new("/cache/openssl-src-300/Cargo.toml"));
        assert_eq!(manifest_path(&metadata, "wolfssl-sys"), None);
    }
}
