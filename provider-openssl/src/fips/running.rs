//! The modules that run in this process: each is loaded once, and stays.
//!
//! A module has one state per process, whatever library contexts it is loaded into. While it runs it
//! accepts any configuration, and finds out that the checksum in it is wrong only at its next self
//! test: then it is out of service for everybody. So a running module is not loaded with another
//! configuration.
//!
//! Nor is it unloaded. It keeps a random generator for each thread that used it and comes back to
//! them when the thread ends, so its library context may only be freed after all those threads, of
//! which this crate knows nothing. (The file itself OpenSSL keeps mapped anyway.)

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::{fs, io};

use super::config::ModuleConfig;
use crate::ffi::Library;

struct Running {
    file: File,
    config: ModuleConfig,
    library: Arc<Library>,
}

/// Held while a module is loaded, so that no two are at once. As many entries as the program uses
/// module files.
static RUNNING: Mutex<Vec<Running>> = Mutex::new(Vec::new());

/// The library with the module in this file, which is loaded by calling `load` if it does not run
/// yet; `test` passes it either way. `None` if it runs with another configuration.
pub(super) fn library<E>(
    file: File,
    config: ModuleConfig,
    load: impl FnOnce(&ModuleConfig) -> Result<Library, E>,
    test: impl FnOnce(&Library) -> Result<(), E>,
) -> Option<Result<Arc<Library>, E>> {
    // Whoever panicked with the lock held left nothing half-done behind.
    let mut all = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(running) = all.iter().find(|running| running.file == file) {
        let same = running.config == config;
        return same.then(|| test(&running.library).map(|()| running.library.clone()));
    }
    let loaded = load(&config).and_then(|library| test(&library).map(|()| Arc::new(library)));
    if let Ok(library) = &loaded {
        all.push(Running { file, config, library: library.clone() });
    }
    Some(loaded)
}

/// What makes two paths lead to the same loaded library: the file itself.
#[cfg(unix)]
pub(super) type File = (u64, u64);

#[cfg(unix)]
pub(super) fn identity(module: &Path) -> io::Result<File> {
    use std::os::unix::fs::MetadataExt as _;
    let file = fs::metadata(module)?;
    Ok((file.dev(), file.ino()))
}

#[cfg(not(unix))]
pub(super) type File = std::path::PathBuf;

#[cfg(not(unix))]
pub(super) fn identity(module: &Path) -> io::Result<File> {
    fs::canonicalize(module)
}
