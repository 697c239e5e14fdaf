//! The key file: one key a line, the current one first; `#` begins a comment. Only its owner may
//! read it. It is never written in place: who reads it sees it whole, before or after a change.

use super::key::Key;
use crate::error::{Error, Result};
use std::fs::{File, Metadata, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The setting that names it.
pub(super) const SETTING: &str = "encryption_key_file";
/// Most bytes of it: more than a thousand keys.
const LIMIT: u64 = 64 * 1024;

/// What changes when the file does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    length: u64,
    modified: Option<std::time::SystemTime>,
    /// On Unix: the file itself, and when its content, owner or mode was last changed.
    inode: (u64, u64, i64, i64),
}

impl Stamp {
    fn of(about: &Metadata) -> Stamp {
        Stamp {
            length: about.len(),
            modified: about.modified().ok(),
            inode: unix::inode(about),
        }
    }
}

/// A refusal that names the setting and the file.
fn refused(path: &Path, issue: impl std::fmt::Display) -> Error {
    Error::invalid(SETTING, format!("`{}` {issue}", path.display()))
}

/// The refusal of a file that is not there.
pub(super) fn missing(path: &Path) -> Error {
    refused(
        path,
        "is not there; write the key that `connectory keys generate` prints into it, with mode 0600",
    )
}

/// The file as it is now; `None` if it cannot be seen.
pub(super) fn stamp(path: &Path) -> Option<Stamp> {
    std::fs::metadata(path).ok().map(|about| Stamp::of(&about))
}

/// Reads the keys; `None` if there is no file.
pub(super) fn read(path: &Path) -> Result<Option<(Vec<Key>, Stamp)>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refused(path, format!("cannot be read: {error}"))),
    };
    let (text, about) = text(path, &mut file)?;
    let keys = Key::list(lines(&text)).map_err(|issue| refused(path, issue))?;
    if keys.is_empty() {
        return Err(refused(path, "holds no key"));
    }
    Ok(Some((keys, Stamp::of(&about))))
}

/// The content of an open file that only its owner may read.
fn text(path: &Path, file: &mut File) -> Result<(Zeroizing<String>, Metadata)> {
    let broken = |error| refused(path, format!("cannot be read: {error}"));
    let about = file.metadata().map_err(broken)?;
    if !about.is_file() {
        return Err(refused(path, "is no file"));
    }
    if let Some(mode) = unix::too_open(&about) {
        let issue =
            format!("may be read by others than its owner (mode {mode:04o}); set it to 0600");
        return Err(refused(path, issue));
    }
    if about.len() > LIMIT {
        return Err(refused(path, format!("has more than {LIMIT} bytes")));
    }
    // Room for all of it: a buffer that grows would leave keys behind.
    let room = usize::try_from(LIMIT).unwrap_or_default() + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    file.take(LIMIT).read_to_end(&mut bytes).map_err(broken)?;
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok((Zeroizing::new(text.to_owned()), about)),
        Err(_) => Err(refused(path, "is no UTF-8 text")),
    }
}

/// The lines that are keys.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(key_of)
}

/// The key on a line.
fn key_of(line: &str) -> Option<&str> {
    let line = line.trim();
    (!line.is_empty() && !line.starts_with('#')).then_some(line)
}

/// Makes the file with a fresh key, unless it is there; says whether it did. Of any number of
/// processes that do so at once, one does, and all find the same key.
pub(super) fn make(path: &Path) -> Result<bool> {
    let text = Zeroizing::new(format!("{}\n", *Key::generate()?));
    let broken = |error| refused(path, format!("cannot be made: {error}"));
    let draft = Draft::write(path, &text, None).map_err(broken)?;
    // A link, and not a file opened anew, appears with its content.
    match std::fs::hard_link(&draft.0, path) {
        Ok(()) => {
            drop(draft);
            sync_folder(path).map_err(broken)?;
            Ok(true)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(broken(error)),
    }
}

/// Puts a fresh key before all others; the file is made if need be.
pub(super) fn add(path: &Path) -> Result<()> {
    if make(path)? {
        return Ok(());
    }
    let fresh = Key::generate()?;
    change(path, |old| {
        Zeroizing::new(format!("{}\n{old}", fresh.as_str()))
    })
}

/// Drops the keys of these names; whatever else stands there stays.
pub(super) fn remove(path: &Path, ids: &[String]) -> Result<()> {
    let goes = |line: &str| {
        let key = key_of(line).and_then(|text| Key::parse(text).ok());
        key.is_some_and(|key| ids.contains(&key.id()))
    };
    change(path, |old| {
        let mut text = Zeroizing::new(String::with_capacity(old.len()));
        let staying = old.split_inclusive('\n').filter(|line| !goes(line));
        staying.for_each(|line| text.push_str(line));
        text
    })
}

/// Replaces the content, one process after the other.
fn change(path: &Path, by: impl Fn(&str) -> Zeroizing<String>) -> Result<()> {
    let broken = |error| refused(path, format!("cannot be changed: {error}"));
    // Where the path is a link, what it points to is replaced and not the link.
    let path = &path.canonicalize().map_err(broken)?;
    let mut file = locked(path).map_err(broken)?;
    let (old, about) = text(path, &mut file)?;
    let mut draft = Draft::write(path, &by(&old), Some(&about)).map_err(broken)?;
    std::fs::rename(&draft.0, path).map_err(broken)?;
    draft.0 = PathBuf::new();
    sync_folder(path).map_err(broken)
}

/// The file, once no other process changes it. The lock ends with the handle.
fn locked(path: &Path) -> std::io::Result<File> {
    loop {
        let file = File::open(path)?;
        file.lock()?;
        // Who held the lock before may have put another file in its place.
        if Stamp::of(&file.metadata()?) == Stamp::of(&std::fs::metadata(path)?) {
            return Ok(file);
        }
    }
}

/// A whole file beside the one it is to become; removed when dropped.
struct Draft(PathBuf);

impl Draft {
    /// Writes it to disk, for the same owner as the file it replaces.
    fn write(path: &Path, text: &str, like: Option<&Metadata>) -> std::io::Result<Draft> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = format!(".{name}.{}", uuid::Uuid::now_v7().simple());
        let draft = path.with_file_name(name);
        let mut options = OpenOptions::new();
        let mut file = unix::private(options.write(true).create_new(true)).open(&draft)?;
        let draft = Draft(draft);
        if let Some(like) = like {
            unix::give(&file, like)?;
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        Ok(draft)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.0.as_os_str().is_empty() {
            let _ = std::fs::remove_file(&self.0);
        }
    }
}

/// Makes the name of a file last as long as the file.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty());
    unix::sync(folder.unwrap_or(Path::new(".")))
}

/// Owners and modes.
#[cfg(unix)]
mod unix {
    use std::fs::{File, Metadata, OpenOptions};
    use std::io::Result;
    use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
    use std::path::Path;

    pub fn inode(about: &Metadata) -> (u64, u64, i64, i64) {
        (about.dev(), about.ino(), about.ctime(), about.ctime_nsec())
    }

    /// The mode, if it lets others in.
    pub fn too_open(about: &Metadata) -> Option<u32> {
        let mode = about.mode() & 0o7777;
        (mode & 0o077 != 0).then_some(mode)
    }

    pub fn private(options: &mut OpenOptions) -> &mut OpenOptions {
        options.mode(0o600)
    }

    /// An operator may rotate as root what the server reads as somebody else.
    pub fn give(file: &File, like: &Metadata) -> Result<()> {
        let own = file.metadata()?;
        if (own.uid(), own.gid()) == (like.uid(), like.gid()) {
            return Ok(());
        }
        fchown(file, Some(like.uid()), Some(like.gid()))
    }

    pub fn sync(folder: &Path) -> Result<()> {
        File::open(folder)?.sync_all()
    }
}

/// Elsewhere a file has the access rights of its folder.
#[cfg(not(unix))]
mod unix {
    use std::fs::{File, Metadata, OpenOptions};
    use std::io::Result;
    use std::path::Path;

    pub fn inode(_: &Metadata) -> (u64, u64, i64, i64) {
        (0, 0, 0, 0)
    }

    pub fn too_open(_: &Metadata) -> Option<u32> {
        None
    }

    pub fn private(options: &mut OpenOptions) -> &mut OpenOptions {
        options
    }

    pub fn give(_: &File, _: &Metadata) -> Result<()> {
        Ok(())
    }

    pub fn sync(_: &Path) -> Result<()> {
        Ok(())
    }
}
