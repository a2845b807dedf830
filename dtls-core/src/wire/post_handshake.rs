//! NewSessionTicket and KeyUpdate (RFC 8446 4.6.1, 4.6.3).

use super::client_hello::parse_whole;
use super::codec::{Malformed, Reader};
use super::extension::{BadExtensions, Extensions};

/// A received NewSessionTicket.
#[derive(Clone, Copy, Debug)]
pub struct NewSessionTicket<'a> {
    /// Seconds the ticket may be used.
    pub lifetime: u32,
    /// Obfuscates the ticket's age.
    pub age_add: u32,
    /// Makes the PSK unique among the connection's tickets.
    pub nonce: &'a [u8],
    /// The ticket itself.
    pub ticket: &'a [u8],
    /// The extension block.
    pub extensions: Extensions<'a>,
}

impl<'a> NewSessionTicket<'a> {
    /// Reads the body of a NewSessionTicket.
    pub fn parse(body: &'a [u8]) -> Result<Self, BadExtensions> {
        let mut reader = Reader::new(body);
        let lifetime = reader.u32()?;
        let age_add = reader.u32()?;
        let nonce = reader.vec8()?;
        let ticket = reader.vec16()?;
        let extensions = Extensions::parse(reader.vec16()?)?;
        reader.finish()?;
        if ticket.is_empty() {
            return Err(BadExtensions::Malformed);
        }
        Ok(Self { lifetime, age_add, nonce, ticket, extensions })
    }
}

/// Whether a KeyUpdate asks for one in return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyUpdateRequest {
    /// It does not.
    NotRequested,
    /// It does.
    Requested,
    /// A value outside the protocol: illegal_parameter.
    Illegal(u8),
}

/// Reads the body of a KeyUpdate.
pub fn parse_key_update(body: &[u8]) -> Result<KeyUpdateRequest, Malformed> {
    Ok(match parse_whole(body, Reader::u8)? {
        0 => KeyUpdateRequest::NotRequested,
        1 => KeyUpdateRequest::Requested,
        other => KeyUpdateRequest::Illegal(other),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_update_is_one_byte() {
        assert_eq!(parse_key_update(&[0]), Ok(KeyUpdateRequest::NotRequested));
        assert_eq!(parse_key_update(&[1]), Ok(KeyUpdateRequest::Requested));
        assert_eq!(parse_key_update(&[2]), Ok(KeyUpdateRequest::Illegal(2)));
        assert_eq!(parse_key_update(&[]), Err(Malformed));
        assert_eq!(parse_key_update(&[0, 0]), Err(Malformed));
    }

    #[test]
    fn a_ticket_must_not_be_empty() {
        let bytes = [0, 0, 0, 9, 1, 2, 3, 4, 1, 0, 0, 2, 7, 7, 0, 0];
        let read = NewSessionTicket::parse(&bytes).unwrap();
        assert_eq!((read.lifetime, read.age_add), (9, 0x0102_0304));
        assert_eq!((read.nonce, read.ticket), (&[0][..], &[7, 7][..]));
        let bytes = [0, 0, 0, 9, 1, 2, 3, 4, 1, 0, 0, 0, 0, 0];
        assert!(NewSessionTicket::parse(&bytes).is_err());
    }
}
