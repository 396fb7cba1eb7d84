//! Looks through the sources of an extension in Python, in a guest of ours that runs nothing of them.

use super::plan::confine;
use super::told::failed;
use super::{Allowance, Cell, Conversation, Host};
use crate::authorization::Grants;
use crate::error::{Error, Phase};
use crate::loader::Resolved;
use crate::materials;
use crate::permissions::Policy;
use crate::session::{Action, Session};
use orket_contract::issue::Issue;
use orket_contract::protocol::HostFrame;
use orket_contract::result::{Status, WorkloadResult};
use serde_json::Map;
use std::rc::Rc;

/// The word that makes the guest look instead of run.
const SCAN: &str = "scan";

/// What the sources of an extension import that they may not; nothing for a program, which is linted as Rust.
pub(crate) fn scan(host: &Host, extension: &Resolved, policy: &Policy) -> Result<Vec<Issue>, Error> {
    let Some(workload) = extension.manifest().workloads.first().filter(|_| extension.python().is_some())
    else {
        return Ok(Vec::new());
    };
    let stage = extension.store().stage()?;
    let _guard = host.interrupt.stage(stage.dir());
    let declared = extension.materials_of(workload);
    materials::stage(extension.materials(), &policy.materials, &declared, &stage.workspace())?;
    let mut cell = confine(&stage, policy);
    cell.read_write.clear();
    extension.furnish(&stage, &mut cell)?;
    cell.arguments.push(SCAN.to_owned());
    let allowance = Rc::new(Allowance::of(policy, &[]));
    let cell = Cell { confinement: &cell, allowance: &allowance, boxes: None };
    let session = Session::new(extension.notes().to_vec(), Grants::default());
    let mut guest = Conversation::open(host, cell, extension.program()?, session)?;
    let result = WorkloadResult { artifacts: vec![], issues: vec![], output: Map::new(), status: Status::Ok };
    guest.send(Phase::Preflight, &HostFrame::Validate { workload: workload.id.to_string(), result }, &[])?;
    let found = match guest.next()?.0 {
        Action::Validated(issues) => issues,
        Action::Failed(failure) => return Err(failed(Phase::Preflight, failure)),
        other => return Err(guest.unexpected(&other)),
    };
    guest.close()?;
    Ok(found)
}
