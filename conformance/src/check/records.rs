//! Protected records: through the provider's keys, and through the core's sending and receiving
//! epochs.

use dtls_core::key_schedule::{RecordKeys, TrafficSecret};
use dtls_core::record::open::{DropReason, ReadEpoch};
use dtls_core::record::seal::{Expansion, WriteEpoch};
use dtls_core::wire::ContentType;
use dtls_core::wire::header::{CIPHERTEXT_HEADER_LEN, CiphertextHeader};
use dtls_crypto_api::{AeadAlgorithm, CryptoProvider, SAMPLE_LEN};

use super::tally::{Case, During, Problem, Tally, Verdict};
use crate::vectors::{self, Record};

/// How far ahead of the last one a 16-bit number may be and still be read right.
const MAX_STEP: u64 = 0x7fff;

/// Runs a chain for each record whose suite the provider offers, with the keys that follow from
/// its traffic secret.
fn each(
    tally: &mut Tally<'_>,
    test: impl Fn(&mut Tally<'_>, &Record, AeadAlgorithm, &RecordKeys) -> Verdict,
) -> Verdict {
    for record in vectors::load().records {
        let suite = record.suite().during(&record.name)?;
        let (aead, hash) = suite.aead().zip(suite.hash()).during(&record.name)?;
        if !tally.has_aead(aead) {
            tally.not_offered(suite, 1);
            continue;
        }
        let case = Case::new(&record.name)
            .comment(&record.description)
            .input("secret", &record.secret)
            .input("content", &record.content)
            .input("wire", &record.wire);
        tally.chain(&case, |tally| {
            let secret = TrafficSecret::from_bytes(hash, &record.secret).during("secret")?;
            let keys = secret.record_keys(tally.provider(), aead).during("record keys")?;
            test(tally, &record, aead, &keys)
        });
    }
    Ok(())
}

/// Keys, nonce, additional data, ciphertext, mask and wire form of each record, step by step.
pub(super) fn protection(tally: &mut Tally<'_>) -> Verdict {
    each(tally, |tally, record, _, keys| {
        let secrets = keys.secrets();
        tally.same("key", secrets.key, &record.key)?;
        tally.same("iv", secrets.iv, &record.iv)?;
        tally.same("record-number key", secrets.record_number_key, &record.sn_key)?;

        let mut key = tally.provider().seal_key(&secrets).during("seal key")?;
        let header = header(record, record.number);
        let mut sealed = record.inner_plaintext.to_vec();
        sealed.resize(sealed.len() + key.tag_len(), 0);
        key.seal(record.number, &header, &mut sealed).during("seal")?;
        tally.same("ciphertext", &sealed, &record.ciphertext)?;
        let sample = sealed.first_chunk::<SAMPLE_LEN>().during("sample")?;
        let mask = key.record_number_mask(sample).during("mask")?;
        tally.same("mask", mask, &record.mask[..2])?;
        let masked = match record.number_bits {
            8 => record.number ^ u64::from(mask[0]),
            _ => record.number ^ u64::from(u16::from_be_bytes(mask)),
        };
        tally.same("wire", [self::header(record, masked), sealed].concat(), &record.wire)
    })
}

/// The header of any form, with this number (RFC 9147 4).
fn header(record: &Record, number: u64) -> Vec<u8> {
    let cid = &record.connection_id[..];
    let mut flags = 0x20 | (record.epoch & 3) as u8;
    flags |= if cid.is_empty() { 0 } else { 0x10 };
    flags |= if record.number_bits == 16 { 8 } else { 0 };
    flags |= if record.length_present { 4 } else { 0 };
    let mut header = vec![flags];
    header.extend_from_slice(cid);
    let number = number.to_be_bytes();
    header.extend_from_slice(&number[8 - usize::from(record.number_bits / 8)..]);
    if record.length_present {
        header.extend_from_slice(&(record.ciphertext.len() as u16).to_be_bytes());
    }
    header
}

/// The records whose form is the one the core sends, made by it byte for byte.
pub(super) fn sealed(tally: &mut Tally<'_>) -> Verdict {
    each(tally, |tally, record, aead, keys| {
        let expansion = Expansion::of(aead);
        let least_padding = SAMPLE_LEN.saturating_sub(record.content.len() + 1 + aead.tag_len());
        let form_we_send = record.number_bits == 16
            && record.length_present
            && record.connection_id.is_empty()
            && record.padding_length == least_padding;
        if !form_we_send {
            return Err(Problem::Skipped("not of the form the core sends".to_owned()));
        }
        let epoch = WriteEpoch::new(tally.provider(), record.epoch, keys).during("epoch")?;
        let mut out = vec![0xaa; expansion.before];
        out.extend_from_slice(&record.content);
        out.resize(out.len() + expansion.behind, 0xaa);
        let content_type = ContentType(record.content_type);
        let (number, len) = epoch
            .starting_at(record.number)
            .seal(&mut out, record.content.len(), content_type)
            .during("seal")?;
        tally.holds("the number is the record's", number == record.number)?;
        tally.same("wire", &out[..len], &record.wire)
    })
}

/// Every record in every form, opened by the core; then refused as a replay, and refused with
/// any of its bytes changed.
pub(super) fn opened(tally: &mut Tally<'_>) -> Verdict {
    each(tally, |tally, record, _, keys| {
        let cid_len = record.connection_id.len();
        let mut epoch = ReadEpoch::new(tally.provider(), record.epoch, keys).during("epoch")?;
        catch_up(&mut epoch, tally.provider(), keys, record.number)?;
        let header = CiphertextHeader::parse(&record.wire, cid_len).during("header")?;
        for at in 0..record.wire.len() {
            let mut changed = record.wire.to_vec();
            changed[at] ^= 0x80;
            let opened = CiphertextHeader::parse(&changed, cid_len)
                .map(|header| epoch.open(&mut changed, &header).is_ok());
            tally.holds(format_args!("refused with byte {at} changed"), opened != Ok(true))?;
        }
        let mut wire = record.wire.to_vec();
        let opened = epoch.open(&mut wire, &header).during("open")?;
        tally.holds("the number is the record's", opened.sequence == record.number)?;
        let content_type = opened.content_type == ContentType(record.content_type);
        tally.holds("the content type is the record's", content_type)?;
        tally.same("content", &wire[opened.content], &record.content)?;
        let again = epoch.open(&mut record.wire.to_vec(), &header);
        tally.holds("refused as a replay", again == Err(DropReason::Replayed))
    })
}

/// Receives records up to shortly before `number`, as a long connection would have.
fn catch_up(
    epoch: &mut ReadEpoch,
    provider: &dyn CryptoProvider,
    keys: &RecordKeys,
    number: u64,
) -> Verdict {
    let (mut at, what) = (0, "catching up");
    while number.saturating_sub(at) > MAX_STEP {
        at += MAX_STEP.min(number - at - 1);
        let peer = WriteEpoch::new(provider, epoch.epoch(), keys).during(what)?;
        let mut record = [0; CIPHERTEXT_HEADER_LEN + 64];
        let sealed = peer.starting_at(at).seal(&mut record, 0, ContentType::APPLICATION_DATA);
        let (_, len) = sealed.during(what)?;
        let header = CiphertextHeader::parse(&record[..len], 0).during(what)?;
        epoch.open(&mut record[..len], &header).during(what)?;
    }
    Ok(())
}
