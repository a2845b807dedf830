//! A loaded plug-in: its library, its functions, its provider; and the objects that keep them.

#![allow(unsafe_code, reason = "loads code and calls it through pointers")]

use std::fmt;
use std::path::{Path, PathBuf};
use std::ptr::{self, NonNull};
use std::sync::Arc;

use dtls_crypto_api::{Capabilities, CryptoError};

use crate::abi::{self, ABI_VERSION, Entry, Functions, Outcome, SYMBOL, Table};
use crate::answer::done;
use crate::capabilities;
use crate::error::LoadError;

#[cfg(unix)]
type Library = libloading::os::unix::Library;
#[cfg(not(unix))]
type Library = libloading::Library;

/// What all objects of one load share. Its end is the end of the provider and then of the library.
pub(crate) struct Instance {
    pub(crate) functions: Functions,
    provider: NonNull<abi::Provider>,
    file: PathBuf,
    /// `None` for a plug-in that is linked into the program.
    library: Option<Library>,
}

// SAFETY: the header lets any thread use a provider, several at once; the rest is never changed.
unsafe impl Send for Instance {}
// SAFETY: as above.
unsafe impl Sync for Instance {}

impl Instance {
    /// Opens the file and makes its provider.
    pub(crate) fn open(file: &Path) -> Result<(Arc<Self>, Capabilities), LoadError> {
        let cannot_open = |source| LoadError::CannotOpen { file: file.to_owned(), source };
        // A bare file name would be looked for in the system's library directories instead.
        let path = std::path::absolute(file).map_err(|e| cannot_open(e.into()))?;
        let library = open_library(&path).map_err(|e| cannot_open(e.into()))?;
        // SAFETY: who exports this symbol says that it is an `Entry` (header, last section). The
        // copied pointer is used only while `library` lives.
        let entry = unsafe { library.get::<Entry>(SYMBOL) }
            .map(|symbol| *symbol)
            .map_err(|_| LoadError::NotAPlugin { file: file.to_owned() })?;
        // SAFETY: the entry is that of a plug-in, and the instance keeps its library.
        unsafe { Self::start(file, entry, Some(library)) }
    }

    /// Asks a plug-in for its table, checks it, and makes its provider.
    ///
    /// # Safety
    /// `entry` keeps to the header, and its code stays in memory as long as `library` lives, or
    /// forever if there is none.
    pub(crate) unsafe fn start(
        file: &Path,
        entry: Entry,
        library: Option<Library>,
    ) -> Result<(Arc<Self>, Capabilities), LoadError> {
        let file = file.to_owned();
        // SAFETY: the caller vouches for the entry.
        let table = NonNull::new(unsafe { entry(ABI_VERSION) }.cast_mut());
        let Some(table) = table.filter(|table| table.is_aligned()) else {
            return Err(LoadError::NoTable { file });
        };
        // A table may be shorter than ours, so its head is read before the rest is looked at.
        // SAFETY: every table of every version begins with these two fields.
        let (found, size) =
            unsafe { ((*table.as_ptr()).abi_version, (*table.as_ptr()).struct_size as usize) };
        if found != ABI_VERSION {
            return Err(LoadError::WrongVersion { file, wanted: ABI_VERSION, found });
        }
        if size < size_of::<Table>() {
            return Err(LoadError::TruncatedTable {
                file,
                wanted: size_of::<Table>(),
                found: size,
            });
        }
        // SAFETY: the table says that it is at least as long as ours, and it is constant.
        let functions = match Functions::check(unsafe { table.as_ref() }) {
            Ok(functions) => functions,
            Err(function) => return Err(LoadError::MissingFunction { file, function }),
        };

        let mut provider = ptr::null_mut();
        // SAFETY: `provider` is a place for the pointer.
        if let Err(source) = unsafe { done((functions.provider_new)(&raw mut provider)) } {
            return Err(LoadError::InitFailed { file, source });
        }
        let Some(provider) = NonNull::new(provider) else {
            return Err(LoadError::InitFailed { file, source: NO_OBJECT });
        };
        let instance = Self { functions, provider, file, library };
        // SAFETY: the provider is alive, and with it what this points to.
        let capabilities =
            unsafe { capabilities::read((functions.capabilities)(provider.as_ptr())) };
        match capabilities {
            Ok(capabilities) => Ok((Arc::new(instance), capabilities)),
            Err(what) => Err(LoadError::BadCapabilities { file: instance.file.clone(), what }),
        }
    }

    /// The plug-in's provider, to be handed to the functions of its table.
    pub(crate) fn provider(&self) -> *const abi::Provider {
        self.provider.as_ptr()
    }

    /// The file that was loaded.
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // SAFETY: each object holds an `Arc` of this, so all are gone; `library` is closed after
        // this function.
        unsafe { (self.functions.provider_free)(self.provider.as_ptr()) }
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = if self.library.is_some() { "loaded" } else { "linked" };
        f.debug_struct("Plugin")
            .field("file", &self.file)
            .field("how", &how)
            .finish_non_exhaustive()
    }
}

/// Binds every symbol at once: one that is missing is an error now, and not the end of the program
/// at the first call. The library's symbols stay its own.
#[cfg(unix)]
fn open_library(path: &Path) -> Result<Library, OpenError> {
    use libloading::os::unix::{RTLD_LOCAL, RTLD_NOW};
    // SAFETY: the library's initialisers run with the rights of this program. Whoever names the
    // file trusts it as the program's own code; see `DynamicProvider::load`.
    unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) }.map_err(OpenError)
}

/// Windows binds every symbol when it loads.
#[cfg(not(unix))]
fn open_library(path: &Path) -> Result<Library, OpenError> {
    // SAFETY: as for unix.
    unsafe { Library::new(path) }.map_err(OpenError)
}

/// libloading says which call failed, and the system's words are only in its source.
#[derive(Debug)]
struct OpenError(libloading::Error);

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match std::error::Error::source(&self.0) {
            Some(source) => write!(f, "{source}"),
            None => write!(f, "{}", self.0),
        }
    }
}

impl std::error::Error for OpenError {}

const NO_OBJECT: CryptoError = CryptoError::Backend("the plug-in answered without an object");

/// An object of a plug-in's, given back when dropped.
pub(crate) struct Handle<T> {
    object: NonNull<T>,
    free: unsafe extern "C" fn(*mut T),
    instance: Arc<Instance>,
}

// SAFETY: the header lets every object be used from any thread, one at a time.
unsafe impl<T> Send for Handle<T> {}

impl<T> Handle<T> {
    /// Takes an object over.
    ///
    /// # Safety
    /// A function of this instance's table has just returned `object` in a successful call, and
    /// `free` is the function of the table for objects of its kind.
    pub(crate) unsafe fn new(
        instance: &Arc<Instance>,
        object: *mut T,
        free: unsafe extern "C" fn(*mut T),
    ) -> Result<Self, CryptoError> {
        let object = NonNull::new(object).ok_or(NO_OBJECT)?;
        Ok(Self { object, free, instance: Arc::clone(instance) })
    }

    /// Has an object made and takes it over. `call` is given the place for the pointer.
    ///
    /// # Safety
    /// `call` calls a function of this instance's table, and `free` is the function of the table
    /// for objects of the kind that it makes.
    pub(crate) unsafe fn make(
        instance: &Arc<Instance>,
        free: unsafe extern "C" fn(*mut T),
        call: impl FnOnce(*mut *mut T) -> Outcome,
    ) -> Result<Self, CryptoError> {
        let mut object = ptr::null_mut();
        let outcome = call(&raw mut object);
        // SAFETY: the plug-in that answered is loaded, and what the caller vouches for is the rest.
        unsafe {
            done(outcome)?;
            Self::new(instance, object, free)
        }
    }

    /// The object, to be handed to the functions of its table.
    pub(crate) fn as_ptr(&self) -> *mut T {
        self.object.as_ptr()
    }

    /// The object's plug-in.
    pub(crate) fn instance(&self) -> &Arc<Instance> {
        &self.instance
    }

    /// The functions for the object.
    pub(crate) fn functions(&self) -> &Functions {
        &self.instance.functions
    }

    /// Leaves the object to a function that frees it; the plug-in itself has to be kept until
    /// that has returned.
    pub(crate) fn give_up(mut self) -> (*mut T, Arc<Instance>) {
        /// Stands in where the object has been given away.
        unsafe extern "C" fn nothing<T>(_: *mut T) {}
        self.free = nothing;
        (self.object.as_ptr(), Arc::clone(&self.instance))
    }
}

impl<T> Drop for Handle<T> {
    fn drop(&mut self) {
        // SAFETY: the object is of this plug-in and its kind, and is not used after this.
        unsafe { (self.free)(self.object.as_ptr()) }
    }
}
