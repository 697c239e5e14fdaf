//! A process that is killed while it writes: what was promised is there, what is there is whole.

use super::folder::files;
use super::{png_of, sound, store_in};
use connectory::store::Key;
use sha2::{Digest, Sha256};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Names the folder to the process that is to be killed.
const FOLDER: &str = "CONNECTORY_TEST_STORE";

/// The process that is to be killed: writes one file after the other and says which are kept.
#[tokio::test]
#[ignore = "runs for ever; the test below starts it"]
async fn writer() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        panic!("{FOLDER} names no folder");
    };
    let store = store_in(Path::new(&folder));
    for seed in u64::from(std::process::id()) << 20.. {
        let stored = store.put(&sound(png_of(2_000_000, seed))).await;
        let stored = stored.expect("it is kept");
        let mut out = std::io::stdout().lock();
        writeln!(out, "\nkept {}", stored.path).expect("somebody listens");
        out.flush().expect("somebody listens");
    }
}

/// Runs the writer until it kept some files and is in the middle of another; what it kept.
fn killed(folder: &Path, after: usize, moment: Duration) -> Vec<String> {
    let program = std::env::current_exe().expect("this program");
    let mut child = Command::new(program)
        .args([
            "--exact",
            "store::crash::writer",
            "--ignored",
            "--nocapture",
        ])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let said = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut kept = said
        .map(|line| line.expect("text"))
        .filter_map(|line| line.strip_prefix("kept ").map(str::to_owned));
    let mut all: Vec<_> = kept.by_ref().take(after).collect();
    std::thread::sleep(moment);
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    all.extend(kept);
    all
}

#[test]
fn a_killed_process_leaves_only_whole_files_and_all_it_promised() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut kept = Vec::new();
    for round in 0..12 {
        kept.extend(killed(folder.path(), 1, Duration::from_micros(700 * round)));
    }
    assert!(kept.len() >= 12, "the writer wrote: {kept:?}");
    for path in &kept {
        assert!(folder.path().join(path).is_file(), "{path} was promised");
    }
    let mut visible = 0;
    for file in files(folder.path()) {
        let path = file
            .strip_prefix(folder.path())
            .expect("below")
            .display()
            .to_string();
        // Anything else is what the store can neither name nor read.
        let Some(key) = Key::parse(&path) else {
            assert!(path.contains('#') || path.contains(".probe-"), "{path}");
            continue;
        };
        let hash = format!("{:x}", Sha256::digest(std::fs::read(&file).expect("bytes")));
        assert_eq!(hash, key.sha256(), "{path} is not whole");
        visible += 1;
    }
    assert!(visible >= kept.len());
}
