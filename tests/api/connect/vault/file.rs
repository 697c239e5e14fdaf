//! The key file: who may read it, how it comes to be, and how a change is noticed.

use super::{PLACE, SECRET, fresh, id, over, refusal, vault};
use connectory::connect::vault::{Keys, Vault};
use std::fs::{self, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::{Arc, Barrier, Mutex};
use std::time::Duration;
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// Writes a file for its owner alone.
fn write(path: &Path, text: impl AsRef<[u8]>) {
    let mut options = OpenOptions::new();
    let options = options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(path).expect("a file");
    file.write_all(text.as_ref()).expect("it is written");
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").mode() & 0o7777
}

fn names(folder: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).expect("a folder");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
    entries.map(|e| name(e).into_string().unwrap()).collect()
}

#[test]
fn a_key_is_made_on_the_first_need_and_kept() {
    let folder = folder();
    let path = folder.path().join("connectory.key");
    let first = over(&path);
    assert!(!path.exists() && first.key_ids().is_empty());
    let sealed = first.seal(&PLACE, SECRET).expect("it is sealed");
    assert_eq!(mode(&path), 0o600);
    assert_eq!(
        names(&folder),
        ["connectory.key"],
        "something was left beside it"
    );
    let text = fs::read_to_string(&path).expect("a text");
    assert_eq!(text.lines().map(id).collect::<Vec<_>>(), first.key_ids());
    let second = over(&path);
    assert_eq!(*second.open(&PLACE, &sealed).expect("it opens"), SECRET);
    second.seal(&PLACE, SECRET).expect("it is sealed");
    assert_eq!(fs::read_to_string(&path).expect("a text"), text);
}

/// A log in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_key_that_is_made_is_said_in_the_log_without_the_key() {
    let folder = folder();
    let path = folder.path().join("connectory.key");
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone());
    tracing::subscriber::with_default(subscriber.finish(), || {
        let vault = over(&path);
        vault.seal(&PLACE, SECRET).expect("it is sealed");
        vault.seal(&PLACE, SECRET).expect("it is sealed");
        // A change that cannot be used is said as well.
        write(&path, &fresh()[..30]);
        let foreign = super::vault(&[&fresh()]).seal(&PLACE, SECRET);
        refusal(vault.open(&PLACE, &foreign.expect("it is sealed")));
    });
    let said = String::from_utf8(log.0.lock().expect("no panic").clone()).expect("a text");
    assert_eq!(said.matches("made a key").count(), 1, "{said}");
    assert_eq!(said.matches("is not used").count(), 1, "{said}");
    assert!(said.contains("connectory.key"), "{said}");
    let text = fs::read_to_string(&path).expect("a text");
    assert!(
        !said.contains(text.trim()) && !said.contains("nobody"),
        "{said}"
    );
}

#[test]
fn any_number_that_make_it_at_once_end_with_one_key() {
    for _ in 0..20 {
        let folder = folder();
        let path = folder.path().join("connectory.key");
        let vaults: Vec<Vault> = (0..8).map(|_| over(&path)).collect();
        let start = Barrier::new(vaults.len());
        let seal = |vault: &Vault| {
            start.wait();
            vault.seal(&PLACE, SECRET).expect("it is sealed")
        };
        let sealed: Vec<Vec<u8>> = std::thread::scope(|scope| {
            let threads: Vec<_> = vaults.iter().map(|v| scope.spawn(|| seal(v))).collect();
            threads
                .into_iter()
                .map(|t| t.join().expect("no panic"))
                .collect()
        });
        for (vault, value) in vaults
            .iter()
            .flat_map(|v| sealed.iter().map(move |s| (v, s)))
        {
            assert_eq!(*vault.open(&PLACE, value).expect("it opens"), SECRET);
        }
        assert_eq!(names(&folder), ["connectory.key"]);
        assert_eq!(over(&path).key_ids().len(), 1);
    }
}

#[test]
fn any_number_that_add_a_key_at_once_lose_none() {
    let folder = folder();
    let path = folder.path().join("connectory.key");
    let vaults: Vec<Vault> = (0..8).map(|_| over(&path)).collect();
    std::thread::scope(|scope| {
        for vault in &vaults {
            scope.spawn(move || vault.renew().expect("a key").expect("a file"));
        }
    });
    assert_eq!(over(&path).key_ids().len(), vaults.len());
    assert_eq!((names(&folder).len(), mode(&path)), (1, 0o600));
}

#[test]
fn a_file_that_others_may_read_is_refused() {
    let folder = folder();
    let path = folder.path().join("connectory.key");
    write(&path, fresh());
    for open in [0o644, 0o640, 0o604, 0o660, 0o601, 0o777] {
        fs::set_permissions(&path, Permissions::from_mode(open)).expect("it is ours");
        let refused = refusal(Vault::new(Keys::file(&path, true)));
        for part in [
            "encryption_key_file",
            "connectory.key",
            &format!("{open:04o}"),
            "0600",
        ] {
            assert!(refused.contains(part), "{refused}");
        }
    }
    for closed in [0o600, 0o400, 0o700] {
        fs::set_permissions(&path, Permissions::from_mode(closed)).expect("it is ours");
        over(&path);
    }
}

#[test]
fn comments_and_empty_lines_are_no_keys() {
    let folder = folder();
    let path = folder.path().join("keys");
    let (new, old) = (fresh(), fresh());
    write(
        &path,
        format!(
            "# made today\r\n\r\n  {new}  \r\n\n#{}\n\t# before\n{old}",
            fresh()
        ),
    );
    assert_eq!(over(&path).key_ids(), [id(&new), id(&old)]);
}

#[test]
fn a_change_leaves_comments_and_where_a_link_points() {
    let folder = folder();
    let (path, link) = (folder.path().join("keys"), folder.path().join("link"));
    let (one, two) = (fresh(), fresh());
    write(&path, format!("# ours\n{one}\n# older\n{two}\n"));
    std::os::unix::fs::symlink(&path, &link).expect("a link");
    let vault = over(&link);
    let made = vault.renew().expect("a key").expect("a file");
    let text = fs::read_to_string(&path).expect("a text");
    let rest = format!("# ours\n{one}\n# older\n{two}\n");
    let (first, behind) = text.split_once('\n').expect("lines");
    assert_eq!((id(first), behind), (made.clone(), rest.as_str()));
    vault.forget(&[id(&one)]).expect("it is dropped");
    let text = fs::read_to_string(&path).expect("a text");
    assert_eq!(text, format!("{first}\n# ours\n# older\n{two}\n"));
    assert_eq!(vault.key_ids(), [made, id(&two)]);
    assert!(
        fs::symlink_metadata(&link)
            .expect("it is there")
            .is_symlink()
    );
    assert_eq!((names(&folder).len(), mode(&path)), (2, 0o600));
}

#[test]
fn a_file_that_holds_no_keys_is_refused_and_not_quoted() {
    let folder = folder();
    let path = folder.path().join("keys");
    let (key, much) = (fresh(), "#\n".repeat(40_000));
    let half = &key[..30];
    let cases = [
        ("", "no key"),
        ("# only\n\n# comments\n", "no key"),
        (half, "32 bytes"),
        (&format!("{key}\n{half}\n"), "key 2"),
        (&format!("{key}\n{key}\n"), "twice"),
        (much.as_str(), "bytes"),
    ];
    for (text, part) in cases {
        write(&path, text);
        let refused = refusal(Vault::new(Keys::file(&path, true)));
        assert!(
            refused.contains("`encryption_key_file`") && refused.contains(part),
            "{refused}"
        );
        assert!(!refused.contains(half), "{refused}");
    }
    write(&path, b"\xff\xfe");
    assert!(refusal(Vault::new(Keys::file(&path, true))).contains("UTF-8"));
    assert!(refusal(Vault::new(Keys::file(folder.path(), true))).contains("is no file"));
    let absent = refusal(Vault::new(Keys::file(folder.path().join("none"), false)));
    assert!(
        absent.contains("none") && absent.contains("keys generate"),
        "{absent}"
    );
    let nowhere = over(&folder.path().join("no/folder/keys")).seal(&PLACE, SECRET);
    assert!(refusal(nowhere).contains("cannot be made"));
}

#[tokio::test]
async fn a_running_vault_notices_a_changed_file() {
    let folder = folder();
    let path = folder.path().join("connectory.key");
    let (serving, operator) = (over(&path), over(&path));
    let before = serving.seal(&PLACE, SECRET).expect("it is sealed");
    let made = operator.renew().expect("a key").expect("a file");
    assert_ne!(Vault::key_id_of(&before), Some(made.clone()));
    // A value under the new key is opened at once.
    let after = operator.seal(&PLACE, SECRET).expect("it is sealed");
    assert_eq!(Vault::key_id_of(&after), Some(made.clone()));
    assert_eq!(*serving.open(&PLACE, &after).expect("it opens"), SECRET);
    assert_eq!(*serving.open(&PLACE, &before).expect("it opens"), SECRET);
    // One that only seals notices soon.
    let next = operator.renew().expect("a key").expect("a file");
    let seal = || serving.seal(&PLACE, SECRET).expect("it is sealed");
    let noticed = async {
        while Vault::key_id_of(&seal()).as_ref() != Some(&next) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let noticed = tokio::time::timeout(Duration::from_secs(60), noticed).await;
    noticed.expect("it never notices the key");
}

#[test]
fn a_spoilt_or_missing_file_does_not_stop_a_running_vault() {
    let folder = folder();
    let path = folder.path().join("connectory.key");
    let serving = over(&path);
    let sealed = serving.seal(&PLACE, SECRET).expect("it is sealed");
    let key = serving.current_key_id();
    // A value under a key that is nowhere makes it look at the file.
    let foreign = vault(&[&fresh()])
        .seal(&PLACE, SECRET)
        .expect("it is sealed");
    let works = || {
        refusal(serving.open(&PLACE, &foreign));
        assert_eq!(*serving.open(&PLACE, &sealed).expect("it opens"), SECRET);
        let again = serving.seal(&PLACE, SECRET).expect("it is sealed");
        assert_eq!(Vault::key_id_of(&again).as_ref(), Some(&key));
    };
    write(&path, "not a key\n");
    works();
    fs::remove_file(&path).expect("it is there");
    works();
    assert!(
        !path.exists(),
        "another key was made beside values of the first"
    );
    write(&path, fresh());
    fs::set_permissions(&path, Permissions::from_mode(0o644)).expect("it is ours");
    works();
}
