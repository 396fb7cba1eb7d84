//! From an admitted workload and a request to a plan that carries everything that will be allowed.

use super::{Allowance, Boxes, Cell, Conversation, Event, Host, Observer};
use crate::ambient::Surroundings;
use crate::capability::{Kv, Profile};
use crate::error::{Error, Phase};
use crate::loader::Interpreter;
use crate::materials::{self, StagedMaterial};
use crate::permissions::{Admitted, Policy};
use crate::sandbox::Confinement;
use crate::session::{Action, Session};
use crate::store::Stage;
use crate::surroundings::World;
use orket_contract::code;
use orket_contract::digest::{Digest, domain};
use orket_contract::id::{ExtensionId, WorkloadId};
use orket_contract::issue::Issue;
use orket_contract::limit::ACTIONS_MAX;
use orket_contract::manifest::Workload;
use orket_contract::plan::RunPlan;
use orket_contract::protocol::{HostFrame, decimal};
use orket_contract::{canonical, capability};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::rc::Rc;

/// Which extension a plan is for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Extension {
    /// Its stable name.
    pub id: ExtensionId,
    /// The digest over its manifest's bytes.
    pub manifest: Digest,
    /// Its version.
    pub version: String,
}

/// Everything that will be allowed, and nothing that varies between equal runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// The digest of the program.
    pub build: Digest,
    /// The capabilities that were admitted, sorted.
    pub capabilities: Vec<String>,
    /// The extension.
    pub extension: Extension,
    /// The input.
    pub input: Value,
    /// Its digest.
    pub input_digest: Digest,
    /// The interpreter, where the extension is no program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interpreter: Option<Interpreter>,
    /// The snapshot that `kv` starts from.
    #[serde(skip_serializing_if = "Kv::is_empty")]
    pub kv: Kv,
    /// The digest of that snapshot.
    pub kv_digest: Digest,
    /// The profile that `memory` starts from.
    #[serde(skip_serializing_if = "Profile::is_empty")]
    pub memory: Profile,
    /// The digest of that profile, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_digest: Option<Digest>,
    /// The materials, as staged.
    pub materials: Vec<StagedMaterial>,
    /// The digest over them.
    pub materials_digest: Digest,
    /// The author's plan.
    pub plan: RunPlan,
    /// Its digest: SHA-256 of its canonical JSON.
    pub plan_hash: Digest,
    /// The operator's policy, lowered to the budget of the workload.
    pub policy: Policy,
    /// A name that equal runs share, whatever built them.
    pub run_id: String,
    /// The seed, as a decimal string.
    #[serde(with = "decimal")]
    pub seed: u64,
    /// The workload.
    pub workload: WorkloadId,
}

impl Plan {
    /// The digest of the whole plan.
    ///
    /// # Errors
    /// `json.number` when something in it has no canonical form.
    pub fn digest(&self) -> Result<Digest, Error> {
        Digest::within_json(domain::EXECUTION_PLAN, self).map_err(|fault| refused(Phase::Plan, &fault))
    }
}

/// A stage with its materials, and what the guest may touch of it.
pub(crate) struct Prepared {
    pub(crate) stage: Stage,
    pub(crate) materials: Vec<StagedMaterial>,
    pub(crate) cell: Confinement,
    pub(crate) interpreter: Option<Interpreter>,
    pub(crate) surroundings: Surroundings,
    pub(crate) allowance: Rc<Allowance>,
    /// Where guests begin, if it is for many runs.
    pub(crate) boxes: Option<Boxes>,
}

impl Prepared {
    /// What a guest of the run may touch, and what it may use up of what is left.
    pub(super) fn cell(&self) -> Cell<'_> {
        Cell { confinement: &self.cell, allowance: &self.allowance, boxes: self.boxes.as_ref() }
    }
}

/// Stages the materials of an admitted workload and draws the cell around them. Nothing has run yet.
pub(crate) fn prepare(
    admitted: &Admitted<'_>,
    stage: Stage,
    world: &World,
    surroundings: Surroundings,
) -> Result<Prepared, Error> {
    let (extension, policy) = (admitted.extension(), admitted.policy());
    let declared = extension.materials_of(admitted.workload());
    let materials =
        materials::stage(extension.materials(), &policy.materials, &declared, &stage.workspace())?;
    extension.as_installed(&materials)?;
    let mut cell = confine(&stage, policy);
    cell.virtual_std = policy.reliable && extension.python().is_none() && extension.machine_std().is_none();
    let interpreter = extension.furnish(&stage, &mut cell)?;
    world.disturb(&stage)?;
    world.furnish(&mut cell, &stage, extension.artifact(), extension.store())?;
    let allowance = Rc::new(Allowance::of(policy, admitted.own()));
    Ok(Prepared { allowance, boxes: None, cell, interpreter, surroundings, materials, stage })
}

/// All that a guest may touch while it works.
pub(super) fn confine(stage: &Stage, policy: &Policy) -> Confinement {
    let mut cell = Confinement::new(stage.dir());
    cell.read_only.push(stage.workspace());
    cell.read_write.push(stage.artifacts());
    cell.limits = policy.limits.clone();
    cell.limits.file_bytes_max = policy.artifact_bytes_max.saturating_add(1);
    cell.limits.total_bytes_max = policy.artifacts_bytes_max;
    cell.threads = !policy.reliable;
    cell.virtual_std = false;
    cell.weakenings.clone_from(&policy.weakenings);
    cell
}

/// What a run is asked for with.
pub(crate) struct Asked<'a> {
    pub(crate) input: &'a Value,
    pub(crate) seed: u64,
    pub(crate) kv: &'a Kv,
    pub(crate) memory: &'a Profile,
}

/// Starts a guest and, where the workload has a plan of its own, compiles the input in it.
pub(crate) fn plan(
    host: &Host,
    admitted: &Admitted<'_>,
    prepared: &Prepared,
    asked: &Asked<'_>,
    observer: &mut dyn Observer,
) -> Result<(Plan, Conversation), Error> {
    let input_digest = Digest::within_json(domain::INPUT, asked.input).map_err(|fault| {
        Error::refused(Phase::Preflight, Issue::error(code::INPUT_INVALID, format!("the input: {fault}")))
    })?;
    let policy = admitted.policy();
    canonical::to_string(policy).map_err(|fault| refused(Phase::Preflight, &fault))?;
    let kv_digest = asked.kv.digest().map_err(|fault| refused(Phase::Preflight, &fault))?;
    let memory_digest = Some(asked.memory).filter(|memory| !memory.is_empty()).map(Profile::digest);
    let memory_digest = memory_digest.transpose().map_err(|fault| refused(Phase::Preflight, &fault))?;
    let capabilities: Vec<String> = admitted.capabilities().iter().map(ToString::to_string).collect();
    debug_assert!(capabilities.iter().all(|name| capability::find(name).is_some()));
    let session = Session::new(admitted.extension().notes().to_vec(), admitted.grants());
    let program = (admitted.extension().program()?, prepared.surroundings.of(0, 0));
    let mut guest = Conversation::granted(host, prepared.cell(), program, session)?;
    observer.on_event(&Event::Phase { phase: Phase::Plan });
    let run_plan = compile(&mut guest, admitted, asked, observer)?;
    let plan_hash = Digest::of_json(&run_plan).map_err(|fault| refused(Phase::Plan, &fault))?;
    let manifest = admitted.extension().manifest();
    let materials_digest = materials::digest(&prepared.materials)?;
    let seed = asked.seed.to_string();
    let mut parts = vec![json!(input_digest), json!(kv_digest), json!(materials_digest), json!(plan_hash)];
    parts.extend([json!(seed)].into_iter().chain(memory_digest.map(|digest| json!(digest))));
    let run_id =
        Digest::within_json(domain::IDENTITY, &parts).map_err(|fault| refused(Phase::Plan, &fault))?;
    let plan = Plan {
        build: admitted.extension().build(),
        capabilities,
        extension: Extension {
            id: manifest.id.clone(),
            manifest: admitted.extension().manifest_digest(),
            version: manifest.version.clone(),
        },
        input: asked.input.clone(),
        input_digest,
        interpreter: prepared.interpreter.clone(),
        kv: asked.kv.clone(),
        kv_digest,
        memory: asked.memory.clone(),
        memory_digest,
        materials: prepared.materials.clone(),
        materials_digest,
        plan: run_plan,
        plan_hash,
        policy: policy.clone(),
        run_id: format!("run-{}", &run_id.to_string()[..16]),
        seed: asked.seed,
        workload: admitted.workload().id.clone(),
    };
    Ok((plan, guest))
}

/// The plan of the workload: the author's, or one step.
fn compile(
    guest: &mut Conversation,
    admitted: &Admitted<'_>,
    asked: &Asked<'_>,
    observer: &mut dyn Observer,
) -> Result<RunPlan, Error> {
    let workload = admitted.workload();
    if !workload.plan {
        return Ok(RunPlan::single(&workload.id, &workload.version));
    }
    let frame =
        HostFrame::Plan { workload: workload.id.to_string(), seed: asked.seed, input: asked.input.clone() };
    guest.send(Phase::Plan, &frame, &[])?;
    loop {
        match guest.next()?.0 {
            Action::Planned(plan) => return checked(plan, admitted),
            Action::Failed(failure) => return Err(guest.failed(Phase::Plan, failure, admitted.extension())),
            Action::Log { level, message } => observer.on_event(&Event::Log { level, message }),
            other => return Err(guest.unexpected(&other)),
        }
    }
}

/// Refuses a plan that is for another workload or that asks for what there is not.
fn checked(plan: RunPlan, admitted: &Admitted<'_>) -> Result<RunPlan, Error> {
    let (workload, manifest) = (admitted.workload(), admitted.extension().manifest());
    let mut issues = plan.check();
    if plan.workload_id != workload.id || plan.workload_version != workload.version {
        let message = format!("the plan is for `{}` {}", plan.workload_id, plan.workload_version);
        issues.push(Issue::error(code::PLAN_INVALID, message));
    }
    let targets = plan.actions.iter().take(ACTIONS_MAX).map(|action| action.target.as_str());
    let targets: BTreeSet<&str> = targets.filter(|target| !target.trim().is_empty()).collect();
    for target in targets {
        match manifest.workload(target) {
            Some(step) => issues.extend(beyond(admitted, step)),
            None => {
                let message = format!("the plan runs `{target}`, which the extension does not offer");
                issues.push(Issue::error(code::PLAN_INVALID, message));
            }
        }
    }
    if issues.is_empty() { Ok(plan) } else { Err(Error::Refused { phase: Phase::Plan, issues }) }
}

/// Refuses a step of a workload that declares more than the one that was asked for: nothing else was admitted and staged.
fn beyond(admitted: &Admitted<'_>, step: &Workload) -> Option<Issue> {
    let (workload, manifest) = (admitted.workload(), admitted.extension().manifest());
    let capabilities = manifest.capabilities_of(step);
    let capability = capabilities.iter().find(|name| !admitted.capabilities().contains(name));
    let material = step.materials.iter().find(|material| !workload.materials.contains(material));
    let target = step.network.iter().find(|target| !workload.network.iter().any(|own| own.covers(target)));
    let more = capability.map(ToString::to_string);
    let more = more.or_else(|| material.map(|material| material.path.clone()));
    let more = more.or_else(|| target.map(ToString::to_string))?;
    let message = format!("the plan runs `{}`, which declares `{more}`; `{}` does not", step.id, workload.id);
    let hint = format!("let `{}` declare it, too: a run is admitted for what was asked for", workload.id);
    Some(Issue::error(code::PLAN_INVALID, message).with_hint(hint))
}

pub(super) fn refused(phase: Phase, fault: &canonical::Fault) -> Error {
    Error::refused(phase, Issue::error(fault.code, fault.message.clone()))
}
