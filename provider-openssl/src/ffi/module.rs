//! A FIPS module: loaded into a library context of its own, and asked about itself.

use core::ffi::{CStr, c_char, c_void};
use core::ptr::{self, NonNull};

use openssl_sys as sys;
use sys::OSSL_PARAM;

use super::bindings;
use super::error::{Failed, Reasons, check, failed, int, text};
use super::library::Library;

/// What every fetch from a FIPS library asks for.
const APPROVED: &CStr = c"fips=yes";

/// The name under which the configuration registers the module.
const NAME: &CStr = c"fips";

/// Parameter types of OSSL_PARAM(3): a pointer to a C string that is written, and an unsigned
/// number.
const UTF8_POINTER: u32 = 6;
const UNSIGNED: u32 = 2;

/// What a module says of itself.
#[derive(Debug)]
pub(crate) struct ModuleFacts {
    /// Its full name, such as `OpenSSL FIPS Provider`.
    pub(crate) name: String,
    pub(crate) version: String,
    /// Whether it has passed its tests and is not in the error state.
    pub(crate) running: bool,
}

impl Library {
    /// A library context in which `configuration` (in the form of config(5)) is in force and the
    /// module that it describes is loaded, and from which only approved algorithms are fetched.
    ///
    /// The configuration comes first, and does not activate the module itself. A FIPS module that
    /// is loaded without the parameters it is to test itself by goes into its error state, for
    /// every context of the process; and where a configuration activates a module, OpenSSL 3.0
    /// takes a failure for a success and forgets the reasons.
    pub(crate) fn with_module(configuration: &str) -> Result<Self, Reasons> {
        sys::init();
        // Stale errors would be taken for reasons.
        failed();
        // SAFETY: the result is ours.
        let context = unsafe { NonNull::new(sys::OSSL_LIB_CTX_new()) };
        let context = context.ok_or_else(Reasons::take)?;
        let mut library = Self { context: Some(context), properties: Some(APPROVED), module: None };
        library.configure(configuration).map_err(|Unexplained| Reasons::take())?;
        // SAFETY: valid arguments; the library lets the module go when it is dropped.
        let module = unsafe { sys::OSSL_PROVIDER_load(library.context(), NAME.as_ptr()) };
        library.module = Some(NonNull::new(module).ok_or_else(Reasons::take)?);
        // What succeeded may have left something behind as well.
        failed();
        Ok(library)
    }

    fn configure(&self, configuration: &str) -> Result<(), Unexplained> {
        const ENABLE: i32 = 1;
        let len = int(configuration.len()).map_err(|Failed| Unexplained)?;
        // SAFETY: the text outlives the BIO that reads it; both objects are freed by their own
        // functions, which take null.
        unsafe {
            let bio = sys::BIO_new_mem_buf(configuration.as_ptr().cast(), len);
            let conf = bindings::NCONF_new_ex(self.context(), ptr::null_mut());
            let mut line = 0;
            let loaded = !bio.is_null()
                && !conf.is_null()
                && bindings::NCONF_load_bio(conf, bio, &raw mut line) > 0
                && bindings::CONF_modules_load(conf, ptr::null(), 0) > 0
                // Our own calls ask for it each time; what the library fetches for itself, such as
                // the parts of the random generator, follows this.
                && sys::EVP_default_properties_enable_fips(self.context(), ENABLE) > 0;
            sys::NCONF_free(conf);
            sys::BIO_free_all(bio);
            if loaded { Ok(()) } else { Err(Unexplained) }
        }
    }

    /// Whether the module has an approved SHA-256 and an approved random generator, as every FIPS
    /// module does, and the context takes them from it.
    pub(crate) fn is_approved(&self) -> Result<(), Failed> {
        // SAFETY: valid arguments; the method is freed, while the generator and its method belong
        // to the context.
        unsafe {
            let md = sys::EVP_MD_fetch(self.context(), c"SHA2-256".as_ptr(), self.properties());
            if md.is_null() {
                return Err(failed());
            }
            let source = bindings::EVP_MD_get0_provider(md);
            sys::EVP_MD_free(md);
            self.own(source)?;
            let generator = bindings::RAND_get0_public(self.context());
            if generator.is_null() {
                return Err(failed());
            }
            let method = bindings::EVP_RAND_CTX_get0_rand(generator);
            self.own(bindings::EVP_RAND_get0_provider(method))
        }
    }

    /// What the module says of itself, or `None` in the default library.
    pub(crate) fn module_facts(&self) -> Option<ModuleFacts> {
        let module = self.module?.as_ptr();
        let mut strings = [ptr::null::<c_char>(); 2];
        let mut status = 0_u32;
        let [name, version] = &mut strings;
        let mut params = [
            output(c"name", UTF8_POINTER, (&raw mut *name).cast(), 0),
            output(c"version", UTF8_POINTER, (&raw mut *version).cast(), 0),
            output(c"status", UNSIGNED, (&raw mut status).cast(), size_of::<u32>()),
            output(c"", 0, ptr::null_mut(), 0),
        ];
        params[3].key = ptr::null();
        // SAFETY: the list ends with a null key and its outputs live here; strings that are written
        // live as long as the module.
        unsafe {
            check(bindings::OSSL_PROVIDER_get_params(module, params.as_mut_ptr())).ok()?;
            let [name, version] = strings.map(|string| text(string));
            Some(ModuleFacts { name: name?, version: version?, running: status == 1 })
        }
    }

    /// Runs the module's own tests; there are none in the default library.
    pub(crate) fn module_self_test(&self) -> Result<(), Failed> {
        let Some(module) = self.module else { return Ok(()) };
        // SAFETY: the module belongs to the context, which stands.
        check(unsafe { bindings::OSSL_PROVIDER_self_test(module.as_ptr()) })
    }
}

/// A failure whose reasons still are in the queue.
struct Unexplained;

fn output(key: &CStr, data_type: u32, data: *mut c_void, data_size: usize) -> OSSL_PARAM {
    OSSL_PARAM { key: key.as_ptr(), data_type, data, data_size, return_size: 0 }
}
