//! A process that is killed while it writes: what was promised is there, what is there is whole.

use super::folder::files;
use super::{png_of, sound, store_in};
use connectory::store::Key;
use sha2::{Digest, Sha256};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
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
        let upload = sound(png_of(4_000_000, seed));
        say("begun");
        let stored = store.put(&upload).await.expect("it is kept");
        say(&format!("kept {}", stored.path));
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{line}").expect("somebody listens");
    out.flush().expect("somebody listens");
}

/// Runs the writer until it has begun its second file, and then for a moment; what it kept.
fn killed(folder: &Path, moment: Duration) -> Vec<String> {
    let program = std::env::current_exe().expect("this program");
    let mut child = Command::new(program)
        .args(["--exact", "store::crash::writer", "--ignored"])
        .arg("--nocapture")
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let said = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut said = said.map(|line| line.expect("text"));
    let mut lines = Vec::new();
    while lines.iter().filter(|line| *line == "begun").count() < 2 {
        lines.push(said.next().expect("it writes on"));
    }
    std::thread::sleep(moment);
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    lines.extend(said);
    let kept = lines.iter().filter_map(|line| line.strip_prefix("kept "));
    kept.map(str::to_owned).collect()
}

/// Files that no key names: what was being written.
fn unfinished(folder: &Path) -> usize {
    let is_key = |file: &PathBuf| Key::parse(&below(folder, file)).is_some();
    files(folder).iter().filter(|file| !is_key(file)).count()
}

fn below(folder: &Path, file: &Path) -> String {
    let path = file.strip_prefix(folder).expect("it is below");
    path.display().to_string()
}

#[test]
fn a_killed_process_leaves_only_whole_files_and_all_it_promised() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut kept, mut round) = (Vec::new(), 0_u64);
    // Until the moment was the right one at least once, as far as that is for us to say.
    while round < 8 || (unfinished(folder.path()) == 0 && round < 32) {
        let moment = Duration::from_micros(500 * (round % 16));
        kept.extend(killed(folder.path(), moment));
        round += 1;
    }
    assert!(kept.len() >= 8, "the writer wrote: {kept:?}");
    for path in &kept {
        assert!(folder.path().join(path).is_file(), "{path} was promised");
    }
    for file in files(folder.path()) {
        let path = below(folder.path(), &file);
        // Anything else is what the store can neither name nor read.
        let Some(key) = Key::parse(&path) else {
            assert!(path.contains('#'), "{path}");
            continue;
        };
        let hash = format!("{:x}", Sha256::digest(std::fs::read(&file).expect("bytes")));
        assert_eq!(hash, key.sha256(), "{path} is not whole");
    }
}
