//! Whose code a finding is about, and whether it may be there.

use crate::valgrind::{Finding, Frame};

/// Whose code it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owner {
    /// This project's.
    Ours,
    /// A library's, by its name. What libraries do is theirs to answer for; it is listed.
    Library(String),
}

/// A place at which a secret becomes public: something has to be decided by it.
struct Declassified {
    /// The end of the file's path.
    file: &'static str,
    /// A part of the function's name.
    function: &'static str,
    /// Why it may be.
    reason: &'static str,
}

/// Every place in our code at which a secret may decide.
const DECLASSIFIED: &[Declassified] = &[
    Declassified {
        file: "dtls-core/src/handshake/certificate.rs",
        function: "verify_finished",
        reason: "whether Finished is right: the handshake goes on, or ends with an alert",
    },
    Declassified {
        file: "dtls-core/src/listener/cookie.rs",
        function: "open",
        reason: "whether a cookie is right: there is a connection, or another HelloRetryRequest",
    },
    Declassified {
        file: "dtls-core/src/flight/reassembly.rs",
        function: "merge",
        reason: "whether a fragment contradicts an earlier one: the handshake ends, or goes on",
    },
    Declassified {
        file: "provider-rustcrypto/src/aead.rs",
        function: "open",
        reason: "whether a record authenticates: it is dropped, or read",
    },
    Declassified {
        file: "dtls-core/src/record/replay.rs",
        function: "",
        reason: "the number of a record that has authenticated: the peer is answered by it",
    },
    Declassified {
        file: "dtls-core/src/record/open.rs",
        function: "ReadEpoch::open",
        reason: "the type of a record that has authenticated: it is handled by it",
    },
    Declassified {
        file: "dtls-core/src/connection/records_in.rs",
        function: "content_received",
        reason: "the type and length of a record that has authenticated: it is handed out",
    },
    Declassified {
        file: "dtls-ct/cases/connection.rs",
        function: "say",
        reason: "the length of a record that has authenticated: it is handed out",
    },
];

/// Directories of this project's code, as debug information names them.
const OUR_FOLDERS: [&str; 7] = [
    "dtls-crypto-api/src/",
    "dtls-core/src/",
    "provider-rustcrypto/src/",
    "provider-openssl/src/",
    "provider-botan/src/",
    "provider-dynamic/src/",
    "conformance/src/",
];

/// Code that works for whoever calls it: a branch in it is its caller's.
const ON_BEHALF: [&str; 3] = ["subtle", "zeroize", "(memcheck)"];

/// What a finding means.
#[derive(Clone, Debug)]
pub(crate) struct Judgement {
    pub(crate) owner: Owner,
    /// Where, for people.
    pub(crate) place: String,
    /// Why it may be there.
    pub(crate) reason: Option<&'static str>,
}

/// Judges by the innermost function that works for itself.
pub(crate) fn judge(finding: &Finding) -> Judgement {
    let culprit = finding.stack.iter().find(|frame| works_for_itself(frame));
    let Some(frame) = culprit.or(finding.stack.first()) else {
        return Judgement { owner: Owner::Ours, place: "nowhere".to_owned(), reason: None };
    };
    let owner = owner(frame);
    let reason = DECLASSIFIED
        .iter()
        .find(|place| frame.path.ends_with(place.file) && frame.function.contains(place.function))
        .map(|place| place.reason);
    Judgement { place: place(frame, &owner), owner, reason }
}

fn place(frame: &Frame, owner: &Owner) -> String {
    let function = if frame.function.is_empty() { "?" } else { &frame.function };
    let ours = OUR_FOLDERS.iter().find_map(|folder| frame.path.find(folder));
    match (owner, ours) {
        (Owner::Ours, Some(at)) => {
            format!("{function} ({}:{})", &frame.path[at..], frame.line)
        }
        (_, _) => function.to_owned(),
    }
}

fn works_for_itself(frame: &Frame) -> bool {
    if is_standard(frame) || frame.object.contains("vgpreload") {
        return false;
    }
    !matches!(package(frame), Some(name) if ON_BEHALF.contains(&name))
}

/// The Rust standard library and the C library.
fn is_standard(frame: &Frame) -> bool {
    let parts = ["/rustc/", "library/core/", "library/std/", "library/alloc/"];
    let file = frame.object.rsplit('/').next().unwrap_or_default();
    parts.iter().any(|part| frame.path.contains(part)) || file.starts_with("libc.so")
}

/// The name of the package in whose source the frame is, without its version.
fn package(frame: &Frame) -> Option<&str> {
    let (_, rest) = frame.path.split_once("/registry/src/")?;
    let directory = rest.split('/').nth(1)?;
    Some(directory.rsplit_once('-').map_or(directory, |(name, _)| name))
}

fn owner(frame: &Frame) -> Owner {
    if OUR_FOLDERS.iter().any(|folder| frame.path.contains(folder)) && package(frame).is_none() {
        return Owner::Ours;
    }
    if let Some(package) = package(frame) {
        return Owner::Library(package.to_owned());
    }
    if frame.function.starts_with("Botan::") || frame.function.starts_with("botan_") {
        return Owner::Library("botan".to_owned());
    }
    let file = frame.object.rsplit('/').next().unwrap_or_default();
    Owner::Library(file.to_owned())
}
