//! The rows of the catalog as types, and the statements that read and write them.

use super::{COLUMNS, columns};
use orket_contract::digest::Digest;
use orket_contract::id::{ExtensionId, WorkloadId};
use rusqlite::{Connection, Row, Transaction, named_params};
use serde::Serialize;
use std::str::FromStr;

/// How an extension came here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Built from a folder.
    Folder,
    /// Built from a commit of a git repository.
    Git,
    /// Unpacked.
    Package,
}

impl Method {
    /// Its name in the catalog.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::Git => "git",
            Self::Package => "package",
        }
    }
}

/// Where an extension came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// How it came.
    pub method: Method,
    /// The folder, file or address, without credentials.
    pub location: String,
    /// The revision that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rev: Option<String>,
    /// The commit that it was built from, in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

/// An installed version of an extension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Installed {
    /// Its stable name.
    pub id: ExtensionId,
    /// Its version.
    pub version: String,
    /// The digest of its package.
    pub package: Digest,
    /// The digest of its package's manifest.
    pub manifest: Digest,
    /// The digest of its program for this machine.
    pub program: Digest,
    /// Where it came from.
    pub place: Place,
    /// When, in RFC 3339.
    pub installed: String,
    /// The ids of its workloads, in their order.
    pub workloads: Vec<WorkloadId>,
    /// Whether it is the version that runs.
    pub current: bool,
}

/// What was done, or refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// A version was installed.
    Install,
    /// Something was not installed.
    Refuse,
    /// A version was removed.
    Uninstall,
}

/// An entry of the audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Audited {
    /// When, in RFC 3339.
    pub at: String,
    /// What.
    pub action: Action,
    /// The extension, where it was known.
    pub id: Option<ExtensionId>,
    /// Its version.
    pub version: Option<String>,
    /// The digest of its package.
    pub package: Option<Digest>,
    /// Where it came from.
    pub location: String,
    /// The commit, or the code that it was refused with.
    pub detail: String,
}

impl Audited {
    pub(super) fn of(action: Action, entry: &Installed, at: &str) -> Self {
        Self {
            at: at.to_owned(),
            action,
            id: Some(entry.id.clone()),
            version: Some(entry.version.clone()),
            package: Some(entry.package),
            location: entry.place.location.clone(),
            detail: entry.place.commit.clone().unwrap_or_default(),
        }
    }

    pub(super) fn refused(place: &Place, why: &str, at: &str) -> Self {
        let (location, detail) = (place.location.clone(), why.to_owned());
        let action = Action::Refuse;
        Self { at: at.to_owned(), action, id: None, version: None, package: None, location, detail }
    }
}

/// Why a row makes no sense.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error(transparent)]
    Database(#[from] rusqlite::Error),
    #[error("`{0}` is no {1}")]
    Text(String, &'static str),
}

fn parsed<T: FromStr>(text: &str, what: &'static str) -> Result<T, Fault> {
    text.parse().map_err(|_| Fault::Text(text.to_owned(), what))
}

fn id(text: String) -> Result<ExtensionId, Fault> {
    ExtensionId::new(text.clone()).map_err(|_| Fault::Text(text, "id"))
}

pub(super) fn installed(connection: &Connection) -> Result<Vec<Installed>, Fault> {
    let current = "EXISTS (SELECT 1 FROM current c WHERE c.id = v.id AND c.version = v.version)";
    let query = format!("SELECT {COLUMNS}, {current} FROM version v ORDER BY id, version");
    let mut statement = connection.prepare(&query)?;
    let mut rows = statement.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let mut entry = entry(row)?;
        entry.workloads = workloads(connection, &entry)?;
        all.push(entry);
    }
    Ok(all)
}

fn entry(row: &Row<'_>) -> Result<Installed, Fault> {
    let text = |at: usize| row.get::<_, String>(at);
    let version = text(1)?;
    semver::Version::parse(&version).map_err(|_| Fault::Text(version.clone(), "version"))?;
    let method = match text(5)?.as_str() {
        "folder" => Method::Folder,
        "git" => Method::Git,
        "package" => Method::Package,
        other => return Err(Fault::Text(other.to_owned(), "method")),
    };
    Ok(Installed {
        id: id(text(0)?)?,
        version,
        package: parsed(&text(2)?, "digest")?,
        manifest: parsed(&text(3)?, "digest")?,
        program: parsed(&text(4)?, "digest")?,
        place: Place { method, location: text(6)?, rev: row.get(7)?, commit: row.get(8)? },
        installed: text(9)?,
        workloads: Vec::new(),
        current: row.get(10)?,
    })
}

fn workloads(connection: &Connection, entry: &Installed) -> Result<Vec<WorkloadId>, Fault> {
    let query = "SELECT workload FROM workload WHERE id = :id AND version = :version ORDER BY position";
    let mut statement = connection.prepare_cached(query)?;
    let key = named_params! { ":id": entry.id.as_str(), ":version": entry.version };
    let names = statement.query_map(key, |row| row.get::<_, String>(0))?;
    names
        .map(|name| {
            let name = name?;
            WorkloadId::new(name.clone()).map_err(|_| Fault::Text(name, "id"))
        })
        .collect()
}

pub(super) fn audited(connection: &Connection) -> Result<Vec<Audited>, Fault> {
    let query = "SELECT at, action, id, version, package, location, detail FROM audit ORDER BY number";
    let mut statement = connection.prepare(query)?;
    let mut rows = statement.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let action = match row.get::<_, String>(1)?.as_str() {
            "install" => Action::Install,
            "refuse" => Action::Refuse,
            "uninstall" => Action::Uninstall,
            other => return Err(Fault::Text(other.to_owned(), "action")),
        };
        all.push(Audited {
            at: row.get(0)?,
            action,
            id: row.get::<_, Option<String>>(2)?.map(id).transpose()?,
            version: row.get(3)?,
            package: row.get::<_, Option<String>>(4)?.map(|text| parsed(&text, "digest")).transpose()?,
            location: row.get(5)?,
            detail: row.get(6)?,
        });
    }
    Ok(all)
}

pub(super) fn insert(change: &Transaction<'_>, entry: &Installed) -> rusqlite::Result<()> {
    let values = columns(entry);
    let names = values.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let bound: Vec<(&str, &dyn rusqlite::ToSql)> =
        values.iter().map(|(name, value)| (*name, value as &dyn rusqlite::ToSql)).collect();
    change.execute(&format!("INSERT INTO version ({COLUMNS}) VALUES ({names})"), bound.as_slice())?;
    for (position, workload) in (0i64..).zip(&entry.workloads) {
        let query = "INSERT INTO workload VALUES (:id, :version, :position, :workload)";
        change.execute(
            query,
            named_params! {
                ":id": entry.id.as_str(), ":version": entry.version, ":position": position,
                ":workload": workload.as_str(),
            },
        )?;
    }
    Ok(())
}

pub(super) fn remove(
    change: &Transaction<'_>,
    id: &ExtensionId,
    version: Option<&str>,
) -> rusqlite::Result<()> {
    let query = "DELETE FROM version WHERE id = :id AND (:version IS NULL OR version = :version)";
    change.execute(query, named_params! { ":id": id.as_str(), ":version": version }).map(drop)
}

pub(super) fn select(change: &Transaction<'_>, id: &ExtensionId, version: &str) -> rusqlite::Result<()> {
    let query = "INSERT INTO current VALUES (:id, :version)
                 ON CONFLICT (id) DO UPDATE SET version = excluded.version";
    change.execute(query, named_params! { ":id": id.as_str(), ":version": version }).map(drop)
}

/// Selects the version that was installed last, where the selected one is gone and others are left.
pub(super) fn select_last(change: &Transaction<'_>, id: &ExtensionId) -> rusqlite::Result<()> {
    let query = "INSERT INTO current SELECT id, version FROM version WHERE id = :id
                 ORDER BY installed DESC, version DESC LIMIT 1 ON CONFLICT (id) DO NOTHING";
    change.execute(query, named_params! { ":id": id.as_str() }).map(drop)
}

pub(super) fn audit(change: &Transaction<'_>, entry: &Audited) -> rusqlite::Result<()> {
    let action = match entry.action {
        Action::Install => "install",
        Action::Refuse => "refuse",
        Action::Uninstall => "uninstall",
    };
    let query = "INSERT INTO audit (at, action, id, version, package, location, detail)
                 VALUES (:at, :action, :id, :version, :package, :location, :detail)";
    change.execute(
        query,
        named_params! {
            ":at": entry.at, ":action": action, ":id": entry.id.as_ref().map(ExtensionId::as_str),
            ":version": entry.version, ":package": entry.package.map(|digest| digest.to_string()),
            ":location": entry.location, ":detail": entry.detail,
        },
    )?;
    Ok(())
}
