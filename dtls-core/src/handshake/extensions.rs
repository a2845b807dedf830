//! The rules on which extension may come in answer to what (RFC 8446 4.2).

use crate::error::{Error, InvalidMessage, PeerMisbehaved};
use crate::wire::codec::Malformed;
use crate::wire::extension::{BadExtensions, ExtensionType, Extensions, Place, may_stand_in};
use crate::wire::handshake::HandshakeType;

/// The error for a message whose extension block or body does not parse.
pub(crate) fn bad_message(msg_type: HandshakeType) -> impl Fn(BadExtensions) -> Error {
    move |why| match why {
        BadExtensions::Malformed => InvalidMessage::Handshake(msg_type).into(),
        BadExtensions::Duplicate(extension) => PeerMisbehaved::DuplicateExtension(extension).into(),
    }
}

/// The error for an extension whose body does not parse.
pub(crate) fn bad_extension(extension: ExtensionType) -> impl Fn(Malformed) -> Error {
    move |_| InvalidMessage::Extension(extension).into()
}

/// Checks that each extension of an answer was offered and stands where it may. Unknown
/// extensions were never offered.
pub(crate) fn check_answer(
    extensions: &Extensions<'_>,
    place: Place,
    offered: impl Fn(ExtensionType) -> bool,
) -> Result<(), PeerMisbehaved> {
    for extension in extensions.iter() {
        let kind = extension.extension_type;
        if !offered(kind) {
            return Err(PeerMisbehaved::UnofferedExtension(kind));
        }
        if may_stand_in(kind, place) == Some(false) {
            return Err(PeerMisbehaved::MisplacedExtension(kind));
        }
    }
    Ok(())
}

/// Checks that no known extension of a request stands where it must not. Unknown ones are
/// ignored.
pub(crate) fn check_request(
    extensions: &Extensions<'_>,
    place: Place,
) -> Result<(), PeerMisbehaved> {
    let misplaced = extensions
        .iter()
        .map(|extension| extension.extension_type)
        .find(|kind| may_stand_in(*kind, place) == Some(false));
    match misplaced {
        Some(kind) => Err(PeerMisbehaved::MisplacedExtension(kind)),
        None => Ok(()),
    }
}
