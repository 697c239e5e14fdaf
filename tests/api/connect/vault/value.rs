//! Values: sealed, opened, and refused everywhere but in their place.

use super::{KEY, KEY_ID, PLACE, ROW, SECRET, fresh, id, refusal, vault};
use aes_gcm::aead::Payload;
use aes_gcm::{Aes256Gcm, KeyInit, aead::Aead};
use connectory::config::Config;
use connectory::connect::vault::{Key, Keys, Place, Vault};
use connectory::error::Code;
use connectory::secret::Secret;
use proptest::prelude::*;
use std::collections::HashSet;
use uuid::Uuid;
use zeroize::{ZeroizeOnDrop, Zeroizing};

/// [`SECRET`] in [`PLACE`] under [`KEY`] and the nonce 00 01 … 0b, made by another implementation
/// (Python's `cryptography`) from the description of the form.
const KNOWN: &str = "01630dcd29000102030405060708090a0b2622a274ae80ac3be32ef5e4d5905800e2afa747951e76867b37d224436ac9d520ed558b6b7f";

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let digit = |i| u8::from_str_radix(&hexadecimal[i..i + 2], 16).expect("two digits");
    (0..hexadecimal.len()).step_by(2).map(digit).collect()
}

proptest! {
    #[test]
    fn what_is_sealed_opens_in_its_place(
        plain in proptest::collection::vec(any::<u8>(), 0..2000),
        table in "[a-z_]{0,20}",
        field in "\\PC{0,20}",
        row in any::<u128>(),
    ) {
        let vault = vault(&[KEY]);
        let place = Place { table: &table, row: Uuid::from_u128(row), field: &field };
        let sealed = vault.seal(&place, &plain).expect("it is sealed");
        prop_assert_eq!(sealed.len(), plain.len() + 1 + 4 + 12 + 16);
        let key = Vault::key_id_of(&sealed);
        prop_assert_eq!(key.as_deref(), Some(KEY_ID));
        let opened = vault.open(&place, &sealed).expect("it opens");
        prop_assert_eq!(&*opened, &plain);
        let hidden = plain.len() < 8 || !sealed.windows(8).any(|part| part == &plain[..8]);
        prop_assert!(hidden, "the value shows");
    }

    #[test]
    fn nothing_else_opens(noise in proptest::collection::vec(any::<u8>(), 0..100), known in any::<bool>()) {
        let mut noise = noise;
        if known && noise.len() >= 5 {
            noise[..5].copy_from_slice(&bytes(KNOWN)[..5]);
        }
        prop_assert!(vault(&[KEY]).open(&PLACE, &noise).is_err());
    }
}

#[test]
fn the_cipher_is_aes_256_gcm() {
    // Test case 16 of "The Galois/Counter Mode of Operation", which NIST's validation uses too.
    let key = bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    let plain = bytes(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
    );
    let aad = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    let nonce = bytes("cafebabefacedbaddecaf888");
    let sealed = bytes(
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b",
    );
    let payload = Payload {
        msg: &plain,
        aad: &aad,
    };
    let cipher = Aes256Gcm::new_from_slice(&key).expect("32 bytes");
    assert_eq!(
        cipher.encrypt(nonce.as_slice().into(), payload).unwrap(),
        sealed
    );
}

#[test]
fn a_value_of_another_implementation_opens() {
    let opened = vault(&[KEY]).open(&PLACE, &bytes(KNOWN));
    assert_eq!(*opened.expect("it opens"), SECRET);
}

#[test]
fn a_value_with_any_bit_turned_is_refused() {
    let vault = vault(&[KEY]);
    let sealed = vault.seal(&PLACE, SECRET).expect("it is sealed");
    for bit in 0..sealed.len() * 8 {
        let mut turned = sealed.clone();
        turned[bit / 8] ^= 1 << (bit % 8);
        let refused = refusal(vault.open(&PLACE, &turned));
        assert!(refused.contains("cannot be opened"), "bit {bit}: {refused}");
    }
    for length in 0..sealed.len() {
        refusal(vault.open(&PLACE, &sealed[..length]));
    }
    refusal(vault.open(&PLACE, &[&sealed[..], b"\0"].concat()));
    assert_eq!(*vault.open(&PLACE, &sealed).expect("it opens"), SECRET);
}

#[test]
fn a_value_opens_in_no_other_place() {
    let vault = vault(&[KEY]);
    let sealed = vault.seal(&PLACE, SECRET).expect("it is sealed");
    let others = [
        Place {
            table: "connection_authorizations",
            ..PLACE
        },
        Place {
            row: Uuid::from_u128(ROW.as_u128() + 1),
            ..PLACE
        },
        Place {
            field: "refresh_token",
            ..PLACE
        },
        Place { field: "", ..PLACE },
    ];
    for other in others {
        let refused = refusal(vault.open(&other, &sealed));
        assert!(refused.contains(&other.row.to_string()), "{refused}");
        assert!(refused.contains(&format!("`{}`", other.field)), "{refused}");
        assert!(!refused.contains("nobody"), "{refused}");
    }
}

#[test]
fn names_that_run_into_each_other_are_two_places() {
    let vault = vault(&[KEY]);
    // A row whose bytes are letters, so that table, row and field together read the same.
    let row = |bytes: &[u8; 16]| Uuid::from_bytes(*bytes);
    let one = Place {
        table: "ab",
        row: row(b"cccccccccccccccc"),
        field: "cd",
    };
    let other = Place {
        table: "abc",
        row: row(b"cccccccccccccccc"),
        field: "d",
    };
    let sealed = vault.seal(&one, SECRET).expect("it is sealed");
    refusal(vault.open(&other, &sealed));
}

#[test]
fn the_first_key_seals_and_all_open() {
    let (old, new) = (fresh(), fresh());
    let sealed = vault(&[&old]).seal(&PLACE, SECRET).expect("it is sealed");
    let both = vault(&[&new, &old]);
    assert_eq!(*both.open(&PLACE, &sealed).expect("it opens"), SECRET);
    let again = both.seal(&PLACE, SECRET).expect("it is sealed");
    assert_eq!(Vault::key_id_of(&again), Some(id(&new)));
    assert_eq!(both.current_key_id(), id(&new));
    assert_eq!(both.key_ids(), [id(&new), id(&old)]);
    let refused = refusal(vault(&[&new]).open(&PLACE, &sealed));
    assert!(
        refused.contains(&id(&old)) && refused.contains("access_token"),
        "{refused}"
    );
}

#[test]
fn a_refusal_is_a_fault_of_the_server_that_shows_nothing() {
    let vault = vault(&[KEY]);
    let mut sealed = vault.seal(&PLACE, SECRET).expect("it is sealed");
    sealed[20] ^= 1;
    let error = vault.open(&PLACE, &sealed).expect_err("it is refused");
    assert_eq!(error.code(), Code::Internal);
    assert_eq!(error.message(), "something went wrong on the server");
}

#[test]
fn no_two_values_have_one_nonce() {
    let vault = vault(&[KEY]);
    let seal = || vault.seal(&PLACE, SECRET).expect("it is sealed");
    let sealed: Vec<_> = (0..2000).map(|_| seal()).collect();
    let nonces: HashSet<_> = sealed.iter().map(|value| &value[5..17]).collect();
    assert_eq!(nonces.len(), sealed.len());
    let rest: HashSet<_> = sealed.iter().map(|value| &value[17..]).collect();
    assert_eq!(rest.len(), sealed.len());
}

#[test]
fn nothing_prints_a_key_or_a_value() {
    let key = Key::parse(KEY).expect("a good key");
    let config = Config {
        encryption_keys: Some(Secret::new(KEY)),
        ..Config::default()
    };
    let keys = config.keys().expect("keys");
    let shown = [
        format!("{:?} {:#?}", vault(&[KEY]), vault(&[KEY])),
        format!("{key:?} {keys:?}"),
        format!("{config:?} {config:#?}"),
        serde_json::to_string(&config).expect("JSON"),
        format!("{:?}", Secret::new(KEY)),
        format!("{PLACE:?} {PLACE}"),
    ];
    for text in shown {
        assert!(!text.contains(KEY) && !text.contains("AAECAw"), "{text}");
        assert!(!text.contains(KEY_ID), "{text}");
    }
}

#[test]
fn what_holds_keys_and_values_is_wiped() {
    // Whoever takes the wiping away makes this no longer compile.
    fn wiped<T: ZeroizeOnDrop>() {}
    wiped::<Secret>();
    wiped::<aes::Aes256>();
    fn opened(vault: &Vault, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        vault.open(&PLACE, sealed).ok()
    }
    assert!(opened(&vault(&[KEY]), &bytes(KNOWN)).is_some());
}

#[test]
fn what_is_no_key_is_refused_and_not_quoted() {
    let short = &KEY[..40];
    let url = "__79_Pv6-fj39vX08_Lx8O_u7ezr6uno5-bl5OPi4eA=";
    for text in [
        "",
        "x",
        short,
        url,
        &KEY[..43],
        &format!("{KEY}AAAA"),
        &KEY.repeat(9),
    ] {
        let Err(issue) = Key::parse(text) else {
            panic!("`{text}` is no key");
        };
        assert!(
            issue.contains("32 bytes") && issue.contains("keys generate"),
            "{issue}"
        );
        assert!(text.len() < 2 || !issue.contains(text), "{issue}");
    }
    let twice = Key::list([KEY, &fresh(), KEY].into_iter()).expect_err("it is there twice");
    assert!(twice.contains(KEY_ID) && !twice.contains(KEY), "{twice}");
    let third = Key::list([KEY, &fresh(), "short"].into_iter()).expect_err("it is no key");
    assert!(third.contains("key 3"), "{third}");
}

#[test]
fn a_vault_without_a_key_refuses() {
    let empty = Vault::new(Keys::Listed(Vec::new())).expect("a vault");
    refusal(empty.seal(&PLACE, SECRET));
    assert_eq!(empty.current_key_id(), "");
}
