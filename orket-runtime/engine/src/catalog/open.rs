//! Opens a catalog and tells ours from what is damaged, foreign or of a newer tool.

use super::{damaged, refused};
use crate::error::Error;
use crate::home::Home;
use crate::store;
use orket_contract::code;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;

/// `ORKT`: what SQLite keeps in the file's header for us.
const APPLICATION: i64 = 0x4f52_4b54;
/// The version of the tables below.
const SCHEMA: i64 = 1;
/// How long a process waits for another one's change.
const PATIENCE: Duration = Duration::from_secs(30);

const TABLES: &str = "
    CREATE TABLE version (
        id TEXT NOT NULL,
        version TEXT NOT NULL,
        package TEXT NOT NULL,
        manifest TEXT NOT NULL,
        program TEXT NOT NULL,
        method TEXT NOT NULL CHECK (method IN ('folder', 'git', 'package')),
        location TEXT NOT NULL,
        rev TEXT,
        commit_id TEXT,
        installed TEXT NOT NULL,
        PRIMARY KEY (id, version)
    ) STRICT;
    CREATE TABLE workload (
        id TEXT NOT NULL,
        version TEXT NOT NULL,
        position INTEGER NOT NULL,
        workload TEXT NOT NULL,
        PRIMARY KEY (id, version, position),
        FOREIGN KEY (id, version) REFERENCES version (id, version) ON DELETE CASCADE
    ) STRICT;
    CREATE TABLE current (
        id TEXT NOT NULL PRIMARY KEY,
        version TEXT NOT NULL,
        FOREIGN KEY (id, version) REFERENCES version (id, version) ON DELETE CASCADE
    ) STRICT;
    CREATE TABLE audit (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        action TEXT NOT NULL CHECK (action IN ('install', 'refuse', 'uninstall')),
        id TEXT,
        version TEXT,
        package TEXT,
        location TEXT NOT NULL,
        detail TEXT NOT NULL
    ) STRICT;
    CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END;
    CREATE TRIGGER audit_holds BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END;
";

/// Opens the catalog of a home where there is one.
pub(super) fn existing(home: &Home) -> Result<Option<Connection>, Error> {
    let path = home.catalog();
    match fs::metadata(&path) {
        Ok(file) if file.len() == 0 => return Err(damaged(&path, "it is empty")),
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return absent(home, &path),
        Err(error) => return Err(Error::store("open", &path)(error)),
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&path, flags).map_err(|error| failure(&path, &error))?;
    examine(&connection, &path)?;
    Ok(Some(connection))
}

/// No catalog is none as long as nothing is installed.
fn absent(home: &Home, path: &Path) -> Result<Option<Connection>, Error> {
    let mut packages = fs::read_dir(home.packages()).into_iter().flatten();
    if packages.next().is_none() {
        Ok(None)
    } else {
        Err(damaged(path, "it is gone, and there are packages"))
    }
}

fn examine(connection: &Connection, path: &Path) -> Result<(), Error> {
    let failed = |error: rusqlite::Error| failure(path, &error);
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    if number("application_id").map_err(failed)? != APPLICATION {
        let message = "the file is a database, and none of Orket's".to_owned();
        let hint = "`ORKET_HOME` names the folder of another program; name one of your own";
        return Err(refused(code::CATALOG_FOREIGN, message, path, hint));
    }
    let schema = number("user_version").map_err(failed)?;
    if schema != SCHEMA {
        let message = format!("the catalog has schema {schema}; this host knows {SCHEMA}");
        let hint = "a newer version of cargo-orket has written it; use that one, or another `ORKET_HOME`";
        return Err(refused(code::CATALOG_NEWER, message, path, hint));
    }
    let check: String =
        connection.pragma_query_value(None, "quick_check", |row| row.get(0)).map_err(failed)?;
    if check != "ok" {
        return Err(damaged(path, check.lines().next().unwrap_or_default()));
    }
    connection.pragma_update(None, "foreign_keys", true).map_err(failed)
}

/// Creates a catalog beside its place and links it there, so that nobody sees a part of it.
pub(super) fn create(home: &Home) -> Result<(), Error> {
    let path = home.catalog();
    store::create_dir(home.dir())?;
    let folder = tempfile::Builder::new().prefix(".catalog-").tempdir_in(home.dir());
    let folder = folder.map_err(Error::store("create", &path))?;
    let fresh = folder.path().join("catalog.sqlite");
    fill(&fresh).map_err(|error| failure(&path, &error))?;
    match fs::hard_link(&fresh, &path) {
        // Another process was faster; its catalog is as good.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        linked => linked.map_err(Error::store("create", &path)),
    }
}

fn fill(path: &Path) -> rusqlite::Result<()> {
    let connection = Connection::open(path)?;
    connection.execute_batch("BEGIN")?;
    connection.execute_batch(TABLES)?;
    connection.pragma_update(None, "application_id", APPLICATION)?;
    connection.pragma_update(None, "user_version", SCHEMA)?;
    connection.execute_batch("COMMIT")?;
    // Stays with the file.
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.close().map_err(|(_, error)| error)
}

/// A failure of SQLite: of the file, or of getting at it.
pub(super) fn failure(path: &Path, error: &rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => damaged(path, &error.to_string()),
        _ => Error::Store { doing: "use", path: path.into(), source: io::Error::other(error.to_string()) },
    }
}
