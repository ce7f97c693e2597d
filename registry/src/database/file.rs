//! Detects that the file of a SQLite database was replaced while it was open, and moves its write-ahead log
//! aside.

use std::{
    ffi::OsString,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use sea_orm::DbErr;

use super::backup::sqlite_file;

/// Identity of a file, independent of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    fn at(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self { device: metadata.dev(), inode: metadata.ino() })
    }

    /// Identity of the file that `url` names at present; `None` for Postgres, or when it does not exist.
    pub(super) fn of(url: &str) -> Option<Self> {
        Self::at(&url.starts_with("sqlite:").then(|| sqlite_file(url))?)
    }
}

/// The database file was replaced or removed while it was open: writes to the open file would be lost.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error(
    "the database's file was replaced or removed while it was in use; writes are refused until it is back, or the server is \
     restarted"
)]
pub struct FileReplaced;

/// The open file of a SQLite database.
#[derive(Debug)]
pub(super) struct OpenFile {
    name: PathBuf,
    id: FileId,
    /// Identity of its write-ahead log and shared-memory index, once they exist.
    log: OnceLock<[FileId; 2]>,
}

/// Suffixes of the files that SQLite keeps beside the database (sqlite.org/walformat.html) and finds by name
/// only.
const LOG: [&str; 2] = ["-wal", "-shm"];

impl OpenFile {
    /// The file that `url` names; `None` for Postgres.
    pub(super) fn of(url: &str) -> Option<Self> {
        let id = FileId::of(url)?;
        Some(Self { name: sqlite_file(url), id, log: OnceLock::new() })
    }

    /// Checks that the name still refers to the open file. If it refers to another file, the write-ahead log
    /// is moved aside: otherwise SQLite would apply it to the other file.
    ///
    /// # Errors
    /// When the name refers to another file, or to none.
    pub(super) fn check(&self) -> Result<(), DbErr> {
        let now = FileId::at(&self.name);
        if now == Some(self.id) {
            if self.log.get().is_none()
                && let [Some(wal), Some(shm)] = LOG.map(|suffix| FileId::at(&self.beside(suffix)))
            {
                self.log.get_or_init(|| [wal, shm]);
            }
            return Ok(());
        }
        if now.is_some() {
            self.put_log_aside();
        }
        Err(DbErr::Custom(FileReplaced.to_string()))
    }

    fn put_log_aside(&self) {
        let Some(log) = self.log.get() else { return };
        for (suffix, id) in LOG.into_iter().zip(log) {
            let path = self.beside(suffix);
            if FileId::at(&path) != Some(*id) {
                continue;
            }
            let aside = self.beside(&format!("{suffix}.of-replaced-{}", self.id.inode));
            match fs::rename(&path, &aside) {
                Ok(()) => tracing::error!(
                    file = %self.name.display(), aside = %aside.display(),
                    "the database's file was replaced while it was in use: the original file's write-ahead log was moved aside"
                ),
                Err(error) => tracing::error!(
                    %error, file = %path.display(),
                    "the write-ahead log of a replaced database file could not be moved aside: remove it before the file \
                     is opened"
                ),
            }
        }
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name: OsString = self.name.clone().into();
        name.push(suffix);
        name.into()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::OpenFile;

    #[test]
    fn the_log_of_a_file_that_was_replaced_is_put_aside_and_that_of_another_is_left() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let write = |name: &str, text: &str| fs::write(path(name), text).expect("a file");
        for name in ["r", "r-wal", "r-shm"] {
            write(name, "old");
        }
        let opened = OpenFile::of(&format!("sqlite://{}", path("r").display())).expect("a file");
        opened.check().expect("it is in place");
        fs::rename(path("r"), path("away")).expect("moved away");
        opened.check().expect_err("it is away");
        assert!(path("r-wal").exists(), "its log is that of the file that may come back");
        fs::rename(path("away"), path("r")).expect("moved back");
        opened.check().expect("it is back");
        write("new", "new");
        fs::rename(path("new"), path("r")).expect("replaced");
        opened.check().expect_err("it is another file");
        assert!(!path("r-wal").exists() && !path("r-shm").exists());
        for name in ["r-wal", "r-shm"] {
            write(name, "new");
        }
        opened.check().expect_err("it is still another file");
        assert!(path("r-wal").exists() && path("r-shm").exists(), "they are of the other file");
    }
}
