//! Signed addresses: good for one thing, one row, and a while.

use chrono::{DateTime, Duration, Utc};
use connectory::service::media;
use connectory::store::{Purpose, Refusal, Seal};
use uuid::Uuid;

fn moment() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a moment")
}

/// Computed once with another program (Python's hmac), so that a change of what is signed shows:
/// it would end every address that is out there.
#[test]
fn a_token_is_the_moment_and_an_hmac_over_what_it_is_for() {
    let token = Seal::new(&[7; 32]).sign(Purpose::Show, "row", moment());
    assert_eq!(
        token,
        "AAAAAGtJ0gD2wInr2Nu8fD5Pkcn-sylFWYBshWAFEYvcFjgISYFY6w"
    );
}

#[test]
fn a_token_is_good_for_its_purpose_row_and_time_alone() {
    let seal = Seal::new(&[7; 32]);
    let token = seal.sign(Purpose::Upload, "row", moment());
    let before = moment() - Duration::seconds(1);
    let check = |purpose, subject, token: &str, now| seal.check(purpose, subject, token, now);
    assert_eq!(check(Purpose::Upload, "row", &token, before), Ok(moment()));
    assert_eq!(
        check(Purpose::Upload, "row", &token, moment()),
        Err(Refusal::Expired)
    );
    assert_eq!(
        check(Purpose::Show, "row", &token, before),
        Err(Refusal::Forged)
    );
    assert_eq!(
        check(Purpose::Upload, "row2", &token, before),
        Err(Refusal::Forged)
    );
    assert_eq!(
        check(Purpose::Upload, "", &token, before),
        Err(Refusal::Forged)
    );
    let other = Seal::new(&[8; 32]).check(Purpose::Upload, "row", &token, before);
    assert_eq!(other, Err(Refusal::Forged));
}

#[test]
fn a_token_that_was_changed_anywhere_is_forged() {
    let seal = Seal::new(&[7; 32]);
    let token = seal.sign(Purpose::Show, "row", moment());
    let forged = |token: &str| {
        seal.check(Purpose::Show, "row", token, moment() - Duration::days(1))
            == Err(Refusal::Forged)
    };
    for at in 0..token.len() {
        let other = if &token[at..=at] == "A" { "B" } else { "A" };
        assert!(
            forged(&format!("{}{other}{}", &token[..at], &token[at + 1..])),
            "{at}"
        );
        assert!(forged(&token[..at]), "{at}");
    }
    for token in [
        "",
        "é",
        "AAAA",
        &format!("{token}A"),
        &format!("{token}="),
        &token.repeat(2),
    ] {
        assert!(forged(token), "{token}");
    }
}

#[test]
fn public_addresses_stay_the_same_for_a_while_so_that_caches_know_them() {
    let (seal, id) = (Seal::new(&[7; 32]), Uuid::now_v7());
    let valid = Duration::days(1);
    let address = || media::public_url(&seal, id, valid);
    // The hour may end between two of three calls, not twice.
    let made = [address(), address(), address()];
    assert!(made[0] == made[1] || made[1] == made[2]);
    let (path, token) = made[2].split_once("?token=").expect("a token");
    assert_eq!(path, media::address(id));
    let until = media::shown_until(&seal, id, token).expect("it is good");
    let left = until - Utc::now();
    assert!(
        left > valid - Duration::minutes(1) && left <= valid + Duration::hours(1),
        "{left}"
    );
    assert_eq!(media::shown_until(&seal, Uuid::now_v7(), token), None);
}
