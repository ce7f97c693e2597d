//! Whether the file of a SQLite database is still the one that was opened, and what becomes of its write-ahead log if not.

use std::{
    ffi::OsString,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use sea_orm::DbErr;

use super::backup::sqlite_file;

/// A file by what the system knows it by, whatever its name leads to later.
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

    /// The file that an address names now; none of Postgres, or where there is none.
    pub(super) fn of(url: &str) -> Option<Self> {
        Self::at(&url.starts_with("sqlite:").then(|| sqlite_file(url))?)
    }
}

/// The database's file was put away while it was in use: what is written to the open one is lost with it.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error(
    "the database's file was replaced or removed while it was in use; nothing is written until it is back, or the server is \
     started again"
)]
pub struct FileReplaced;

/// The file of a SQLite database that was opened.
#[derive(Debug)]
pub(super) struct OpenFile {
    name: PathBuf,
    id: FileId,
    /// Its write-ahead log and the index of that, once they were seen.
    log: OnceLock<[FileId; 2]>,
}

/// What SQLite keeps beside the file (sqlite.org/walformat.html). It finds them by name alone.
const LOG: [&str; 2] = ["-wal", "-shm"];

impl OpenFile {
    /// The file that an address names; none of Postgres.
    pub(super) fn of(url: &str) -> Option<Self> {
        let id = FileId::of(url)?;
        Some(Self { name: sqlite_file(url), id, log: OnceLock::new() })
    }

    /// Checks that the name still leads to the file. Where it leads to another one, the log of this one is put aside: whoever
    /// opened the other would else write into it what was written to this one.
    ///
    /// # Errors
    /// When it leads to another one, or to none.
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
                    "the database's file was replaced while it was in use: the write-ahead log of the one that was is put aside"
                ),
                Err(error) => tracing::error!(
                    %error, file = %path.display(),
                    "the write-ahead log of a database's file that was replaced stays where it is: remove it before the file \
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
