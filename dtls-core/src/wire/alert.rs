//! Alerts (RFC 8446 6, RFC 9147 10, RFC 9846 6).

use core::fmt;

use super::codec::{Malformed, Reader};

/// What an alert says.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AlertDescription(pub u8);

macro_rules! alerts {
    ($($(#[$doc:meta])* $konst:ident = $value:literal, $text:literal;)*) => {
        impl AlertDescription {
            $($(#[$doc])* pub const $konst: Self = Self($value);)*

            /// The registered name, or `None` for a value this stack does not know.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some($text),)*
                    _ => None,
                }
            }
        }
    };
}

alerts! {
    /// The sender sends no more data.
    CLOSE_NOTIFY = 0, "close_notify";
    /// A message came that does not belong there.
    UNEXPECTED_MESSAGE = 10, "unexpected_message";
    /// A record did not authenticate; never sent over UDP.
    BAD_RECORD_MAC = 20, "bad_record_mac";
    /// A record is too long.
    RECORD_OVERFLOW = 22, "record_overflow";
    /// No acceptable set of parameters.
    HANDSHAKE_FAILURE = 40, "handshake_failure";
    /// A certificate is damaged or its signature wrong.
    BAD_CERTIFICATE = 42, "bad_certificate";
    /// A certificate is of an unusable kind.
    UNSUPPORTED_CERTIFICATE = 43, "unsupported_certificate";
    /// A certificate was revoked.
    CERTIFICATE_REVOKED = 44, "certificate_revoked";
    /// A certificate has expired or is not valid yet.
    CERTIFICATE_EXPIRED = 45, "certificate_expired";
    /// A certificate is unacceptable for another reason.
    CERTIFICATE_UNKNOWN = 46, "certificate_unknown";
    /// A field contradicts the protocol or another field.
    ILLEGAL_PARAMETER = 47, "illegal_parameter";
    /// No trust anchor for the chain.
    UNKNOWN_CA = 48, "unknown_ca";
    /// The certificate is valid, but not let in.
    ACCESS_DENIED = 49, "access_denied";
    /// A message could not be parsed.
    DECODE_ERROR = 50, "decode_error";
    /// A signature or Finished did not verify.
    DECRYPT_ERROR = 51, "decrypt_error";
    /// Too many connection IDs were asked for.
    TOO_MANY_CIDS_REQUESTED = 52, "too_many_cids_requested";
    /// The version is not supported.
    PROTOCOL_VERSION = 70, "protocol_version";
    /// The parameters are too weak.
    INSUFFICIENT_SECURITY = 71, "insufficient_security";
    /// Something failed that has nothing to do with the peer.
    INTERNAL_ERROR = 80, "internal_error";
    /// A connection was retried at a lower version without need.
    INAPPROPRIATE_FALLBACK = 86, "inappropriate_fallback";
    /// The sender gives up for a reason of its own; followed by close_notify.
    USER_CANCELED = 90, "user_canceled";
    /// A required extension is missing.
    MISSING_EXTENSION = 109, "missing_extension";
    /// An extension came that was not asked for.
    UNSUPPORTED_EXTENSION = 110, "unsupported_extension";
    /// No such server name.
    UNRECOGNIZED_NAME = 112, "unrecognized_name";
    /// A stapled OCSP response is not acceptable.
    BAD_CERTIFICATE_STATUS_RESPONSE = 113, "bad_certificate_status_response";
    /// No such PSK identity.
    UNKNOWN_PSK_IDENTITY = 115, "unknown_psk_identity";
    /// A client certificate is required.
    CERTIFICATE_REQUIRED = 116, "certificate_required";
    /// An error without a name of its own.
    GENERAL_ERROR = 117, "general_error";
    /// No application protocol in common.
    NO_APPLICATION_PROTOCOL = 120, "no_application_protocol";
}

impl fmt::Display for AlertDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "alert {}", self.0),
        }
    }
}

impl fmt::Debug for AlertDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The level byte of alerts that do not end a connection.
const WARNING: u8 = 1;
/// The level byte of error alerts.
const FATAL: u8 = 2;

/// The two bytes of an alert. Only close_notify and user_canceled carry level warning
/// (RFC 8446 6, RFC 9846 6.1).
pub const fn encode_alert(description: AlertDescription) -> [u8; 2] {
    match description {
        AlertDescription::CLOSE_NOTIFY | AlertDescription::USER_CANCELED => {
            [WARNING, description.0]
        }
        _ => [FATAL, description.0],
    }
}

/// Reads an alert record's content: exactly one alert (RFC 8446 5.1). The level is not used.
pub fn parse_alert(content: &[u8]) -> Result<AlertDescription, Malformed> {
    let mut reader = Reader::new(content);
    let [_level, description] = *reader.array()?;
    reader.finish()?;
    Ok(AlertDescription(description))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// req: 8446-5.1-03, 9846-6.1-01
    #[test]
    fn an_alert_is_exactly_two_bytes() {
        assert_eq!(encode_alert(AlertDescription::CLOSE_NOTIFY), [1, 0]);
        assert_eq!(encode_alert(AlertDescription::USER_CANCELED), [1, 90]);
        assert_eq!(encode_alert(AlertDescription::DECODE_ERROR), [2, 50]);
        assert_eq!(parse_alert(&[1, 50]), Ok(AlertDescription::DECODE_ERROR));
        assert_eq!(parse_alert(&[2]), Err(Malformed));
        assert_eq!(parse_alert(&[2, 50, 2, 50]), Err(Malformed));
    }
}
