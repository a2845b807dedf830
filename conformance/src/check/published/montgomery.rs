//! X25519 and X448 (RFC 7748).
//!
//! Sections 5.2 and 6 fix private keys, which the trait does not take: they need
//! [`TestAccess`](crate::check::TestAccess). Alice and Bob can be met without it: a second
//! implementation plays them against the provider's own keys.

use dtls_crypto_api::NamedGroup;

use crate::check::key_schedule::X25519;
use crate::check::tally::{Case, During, Problem, Tally, Verdict, same};
use crate::vectors::{self, Bytes, ExchangeAnswer, IteratedAnswer};

pub(in crate::check) fn x25519(tally: &mut Tally<'_>) -> Verdict {
    let answers = vectors::published().x25519;
    known(tally, NamedGroup::X25519, &answers);
    for answer in answers.iter().filter(|answer| answer.name.starts_with("6.1")) {
        let provider = tally.provider();
        let case = Case::new(format_args!("{} and the provider", answer.name))
            .input("private key", &answer.private_key);
        tally.vector(&case, || {
            let them = X25519::new(&answer.private_key)?;
            let known = them.agree(&answer.public_key)?;
            same("the second implementation's answer", known, &answer.shared_secret)?;
            let response = provider.encapsulate(NamedGroup::X25519, &them.share());
            let response = response.during("server")?;
            same("server's secret", response.secret.expose(), them.agree(&response.share)?)?;
            let client = provider.start_key_exchange(NamedGroup::X25519).during("client")?;
            let want = them.agree(client.share())?;
            let secret = client.complete(&them.share()).during("client's secret")?;
            same("client's secret", secret.expose(), want)
        });
    }
    Ok(())
}

pub(in crate::check) fn x448(tally: &mut Tally<'_>) -> Verdict {
    known(tally, NamedGroup::X448, &vectors::published().x448);
    Ok(())
}

fn known(tally: &mut Tally<'_>, group: NamedGroup, answers: &[ExchangeAnswer]) {
    for answer in answers {
        let case = Case::new(&answer.name)
            .input("private key", &answer.private_key)
            .input("public key", &answer.public_key);
        let key = tally.with_private_key(group, &answer.private_key);
        tally.vector(&case, || {
            let secret = key?.complete(&answer.public_key).during("secret")?;
            same("secret", secret.expose(), &answer.shared_secret)
        });
    }
}

pub(in crate::check) fn iterated_x25519(tally: &mut Tally<'_>) -> Verdict {
    iterated(tally, NamedGroup::X25519, &vectors::published().x25519_iterated)
}

pub(in crate::check) fn iterated_x448(tally: &mut Tally<'_>) -> Verdict {
    iterated(tally, NamedGroup::X448, &vectors::published().x448_iterated)
}

/// The test of section 5.2 that feeds each result back as the next scalar. A million steps take
/// X25519 a minute or two, and X448 a quarter of an hour, which nobody waits for.
fn iterated(tally: &mut Tally<'_>, group: NamedGroup, answer: &IteratedAnswer) -> Verdict {
    let runs: [(u32, &Bytes); 3] =
        [(1, &answer.after_1), (1_000, &answer.after_1000), (1_000_000, &answer.after_1000000)];
    let (mut scalar, mut point, mut steps) = (answer.start.to_vec(), answer.start.to_vec(), 0);
    for (until, want) in runs {
        if until > 1_000 && group == NamedGroup::X448 {
            tally.skip("a million times takes X448 a quarter of an hour", 1);
            continue;
        }
        if until > 1_000 && !tally.options().slow {
            tally.skip("slow, and slow vectors were not asked for", 1);
            continue;
        }
        let case = Case::new(format_args!("5.2, {until} times"));
        let result = (|| {
            while steps < until {
                let key = tally.with_private_key(group, &scalar)?;
                let secret = key.complete(&point).during("secret")?;
                point = std::mem::replace(&mut scalar, secret.expose().to_vec());
                steps += 1;
            }
            Ok::<_, Problem>(())
        })();
        tally.vector(&case, || {
            result?;
            same("scalar", &scalar, want)
        });
    }
    Ok(())
}
