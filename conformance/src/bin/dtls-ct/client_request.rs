//! Requests to valgrind from inside the program it runs.
//!
//! Valgrind knows a sequence of instructions that does nothing on a processor: four rotations
//! that add up to none, then a register swapped with itself. Where it sees them it reads a
//! request from a register. Outside valgrind nothing happens and the default comes back. The
//! numbers are those of `valgrind.h` and `memcheck.h`, which are stable.

#![allow(unsafe_code, reason = "a request to valgrind is made of instructions of its own")]

use core::arch::asm;

const RUNNING_ON_VALGRIND: usize = 0x1001;
/// Memcheck's requests begin with its letters.
const MEMCHECK: usize = (b'M' as usize) << 24 | (b'C' as usize) << 16;
const MAKE_MEM_UNDEFINED: usize = MEMCHECK + 1;
const MAKE_MEM_DEFINED: usize = MEMCHECK + 2;
const GET_VBITS: usize = MEMCHECK + 8;

/// Number, arguments.
type Request = [usize; 6];

#[cfg(target_arch = "x86_64")]
fn request(request: &Request) -> usize {
    let mut result = 0;
    // SAFETY: outside valgrind the instructions leave every register as it was, flags apart,
    // which asm! may change. Inside, valgrind writes the result to rdx and nothing else, or, for
    // GET_VBITS, memory that the caller lends mutably.
    unsafe {
        asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            in("rax") request.as_ptr(),
            inout("rdx") result,
            options(nostack),
        );
    }
    result
}

#[cfg(target_arch = "aarch64")]
fn request(request: &Request) -> usize {
    let mut result = 0;
    // SAFETY: as on x86-64; the result comes in x3.
    unsafe {
        asm!(
            "ror x12, x12, #3",
            "ror x12, x12, #13",
            "ror x12, x12, #51",
            "ror x12, x12, #61",
            "orr x10, x10, x10",
            in("x4") request.as_ptr(),
            inout("x3") result,
            options(nostack),
        );
    }
    result
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn request(_request: &Request) -> usize {
    // The driver finds that nothing runs under valgrind, and says so.
    0
}

/// Whether valgrind runs this program.
pub(crate) fn runs_under_valgrind() -> bool {
    request(&[RUNNING_ON_VALGRIND, 0, 0, 0, 0, 0]) != 0
}

/// Takes these bytes for undefined from now on, and all that is computed from them.
pub(crate) fn make_undefined(bytes: &mut [u8]) {
    request(&[MAKE_MEM_UNDEFINED, bytes.as_mut_ptr() as usize, bytes.len(), 0, 0, 0]);
}

/// Takes the bytes of a value for defined from now on; not what it points to.
pub(crate) fn make_defined<T: ?Sized>(value: &mut T) {
    let len = size_of_val(value);
    request(&[MAKE_MEM_DEFINED, core::ptr::from_mut(value).cast::<u8>() as usize, len, 0, 0, 0]);
}

/// Whether any bit of these bytes is undefined.
pub(crate) fn has_undefined(bytes: &[u8]) -> bool {
    let mut bits = vec![0; bytes.len()];
    let (from, to) = (bytes.as_ptr() as usize, bits.as_mut_ptr() as usize);
    request(&[GET_VBITS, from, to, bytes.len(), 0, 0]);
    core::hint::black_box(&bits).iter().any(|bits| *bits != 0)
}
