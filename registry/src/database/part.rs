//! Partial files: atomic creation of a file.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::ErrorKind,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

/// A partial file: it has a temporary name until it is complete and verified, and is removed otherwise. Only
/// one process can write it at a time, and only its owner can read it: it contains key hashes and the
/// registry's secret.
pub struct PartialFile {
    path: PathBuf,
    file: PathBuf,
    /// Open and locked while it is written.
    created: File,
}

impl PartialFile {
    /// Creates an empty partial file for a file that does not exist yet. Remains of an interrupted run are
    /// removed.
    ///
    /// # Errors
    /// When the file exists, another process is writing it, or it cannot be created.
    pub fn of(file: &Path) -> Result<Self> {
        for suffix in ["", "-wal", "-shm"] {
            refuse_what_is_there(&with(file, suffix))?;
        }
        let path = with(file, ".part");
        let of_another = format!("{} is being written by another command; wait for it.", file.display());
        // Stays locked until the new file exists, so that a process that has created but not yet locked its
        // file detects the conflict.
        let left = match fs::symlink_metadata(&path).is_ok_and(|left| left.is_file()) {
            true => Some(File::open(&path).with_context(|| format!("cannot replace {}", path.display()))?),
            false => None,
        };
        if let Some(left) = &left {
            if matches!(left.try_lock(), Err(TryLockError::WouldBlock))
                || !leads_to(&path, left).unwrap_or(false)
            {
                bail!("{of_another}");
            }
            remove_all(&path, [""]);
        }
        let created = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => bail!("{of_another}"),
            created => created.with_context(|| format!("cannot write {}", path.display()))?,
        };
        if let Err(TryLockError::WouldBlock) = created.try_lock() {
            bail!("{of_another}");
        }
        let part = Self { path, file: file.to_owned(), created };
        if !part.is_mine().unwrap_or(false) {
            bail!("{of_another}");
        }
        remove_all(&part.path, ["-wal", "-shm", "-journal"]);
        Ok(part)
    }

    /// The same, for a file that is created from `source`.
    ///
    /// # Errors
    /// Also when the source has the temporary name.
    pub fn from(source: &Path, file: &Path) -> Result<Self> {
        let id = |path: &Path| fs::metadata(path).ok().map(|it| (it.dev(), it.ino()));
        let path = with(file, ".part");
        if id(source).is_some() && id(source) == id(&path) {
            bail!("{} has the temporary name of the restored database; rename it.", source.display());
        }
        Self::of(file)
    }

    /// Path of the partial file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Renames it to the final name.
    ///
    /// # Errors
    /// When that fails, or another file has taken one of the names; the partial file is removed then.
    pub fn finish(self) -> Result<()> {
        let cannot = || format!("cannot write {}", self.file.display());
        self.created.sync_all().with_context(cannot)?;
        // With a full disk, data stays in the write-ahead log, and SQLite reports no error.
        if fs::metadata(with(&self.path, "-wal")).is_ok_and(|log| log.len() > 0) {
            bail!(
                "{} could not be written completely: is the disk full? It was removed.",
                self.file.display()
            );
        }
        if !self.is_mine().with_context(cannot)? {
            bail!("{} was replaced while it was written; nothing was saved.", self.path.display());
        }
        remove_all(&self.path, ["-wal", "-shm", "-journal"]);
        // A hard link never replaces an existing file; a rename would.
        match fs::hard_link(&self.path, &self.file) {
            Ok(()) => fs::remove_file(&self.path).with_context(cannot)?,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => refuse_what_is_there(&self.file)?,
            // Not every file system supports hard links.
            Err(_) => {
                refuse_what_is_there(&self.file)?;
                fs::rename(&self.path, &self.file).with_context(cannot)?;
            }
        }
        Ok(())
    }

    /// Whether the name still refers to the file that was created.
    fn is_mine(&self) -> std::io::Result<bool> {
        leads_to(&self.path, &self.created)
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        // The file itself is removed last: after that, another command may create it.
        if self.is_mine().unwrap_or(false) {
            remove_all(&self.path, ["-wal", "-shm", "-journal", ""]);
        }
    }
}

/// Whether a name refers to an open file.
fn leads_to(path: &Path, file: &File) -> std::io::Result<bool> {
    let (named, open) = (fs::symlink_metadata(path)?, file.metadata()?);
    Ok((named.dev(), named.ino()) == (open.dev(), open.ino()))
}

fn refuse_what_is_there(name: &Path) -> Result<()> {
    // A dangling symbolic link counts as existing.
    match fs::symlink_metadata(name) {
        Ok(_) => bail!("{} exists already; name another file, or move it away first.", name.display()),
        Err(_) => Ok(()),
    }
}

fn remove_all<'a>(path: &Path, suffixes: impl IntoIterator<Item = &'a str>) {
    for suffix in suffixes {
        let _ = fs::remove_file(with(path, suffix));
    }
}

fn with(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        sync::atomic::{AtomicUsize, Ordering},
    };

    use super::PartialFile;

    #[test]
    fn of_many_at_once_one_at_a_time_makes_a_file_and_it_stays_its_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("saved");
        let holders = AtomicUsize::new(0);
        let created = AtomicUsize::new(0);
        std::thread::scope(|threads| {
            for _ in 0..8 {
                threads.spawn(|| {
                    for _ in 0..500 {
                        let Ok(part) = PartialFile::of(&file) else { continue };
                        assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0, "two make the same");
                        assert!(part.is_mine().expect("it is there"));
                        created.fetch_add(1, Ordering::SeqCst);
                        holders.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert!(created.into_inner() > 0);
    }

    #[test]
    fn nobody_else_makes_the_same_file_and_nothing_is_written_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("saved");
        let first = PartialFile::of(&file).expect("a part");
        let Err(second) = PartialFile::of(&file) else { panic!("two make the same") };
        assert!(second.to_string().contains("by another command"), "{second}");
        fs::write(first.path(), "whole").expect("written");
        fs::write(&file, "precious").expect("another file");
        first.finish().expect_err("something has its name");
        assert_eq!(fs::read_to_string(&file).expect("a file"), "precious");
        fs::remove_file(&file).expect("it goes");

        let replaced = PartialFile::of(&file).expect("a part");
        fs::remove_file(replaced.path()).expect("it goes");
        fs::write(replaced.path(), "another's").expect("another file");
        replaced.finish().expect_err("it is another's");
        assert!(!file.exists());

        let left = folder.path().join("saved.part");
        assert_eq!(fs::read_to_string(&left).expect("a file"), "another's");
        PartialFile::from(&left, &file).err().expect("it is the source itself");
        assert!(left.exists());
        let part = PartialFile::of(&file).expect("what was left is replaced");
        fs::write(part.path(), "whole").expect("written");
        part.finish().expect("it is done");
        assert_eq!(fs::read_to_string(&file).expect("a file"), "whole");
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 1);
    }
}
