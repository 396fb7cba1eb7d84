//! Workloads that each fail one check of `conformance`, named after it, and one that fails none.

mod stream;

use orket_runtime::prelude::*;

/// A number that no seed decides: the processor's own, because everything else repeats. A program that asks for it openly
/// is not started; here it is part of another instruction.
#[cfg(target_arch = "x86_64")]
fn chance() -> String {
    let drawn: u64;
    // SAFETY: the bytes from the second on are `rdrand eax; nop`, and only the register that is named is written.
    unsafe { core::arch::asm!("jmp 2f + 1", "2: mov eax, 0x90f0c70f", out("rax") drawn) };
    drawn.to_string()
}

/// A number that no seed decides: where a local variable lies.
#[cfg(not(target_arch = "x86_64"))]
fn chance() -> String {
    format!("{:p}", &0_u8)
}

fn planned(ctx: &PlanContext, _: &wrong::Plain) -> Result<RunPlan> {
    let mut plan = ctx.plan();
    plan.metadata.insert("mood".into(), json!(chance()));
    Ok(plan)
}

fn never(_: &WorkloadResult, _: &std::path::Path) -> Vec<Issue> {
    vec![Issue::error("wrong.never", "nothing is good enough")]
}

/// One of two colours, as it claims; in truth it takes anything.
#[derive(Default)]
pub struct Colour;

#[derive(serde::Deserialize, Schema)]
pub enum Claimed {
    Black,
    White,
}

impl Schema for Colour {
    const NODE: &'static [orket_runtime::internal::Piece] = <Claimed as Schema>::NODE;
}

impl<'de> serde::Deserialize<'de> for Colour {
    fn deserialize<D: serde::Deserializer<'de>>(reader: D) -> std::result::Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(reader).map(|_| Self)
    }
}

#[orket_runtime::extension(id = "wrong", capabilities = ["console", "rng"])]
pub mod wrong {
    use orket_runtime::prelude::*;

    #[derive(serde::Deserialize, Schema)]
    pub struct Picky {
        pub needed: u8,
    }

    #[derive(serde::Deserialize, Schema)]
    pub struct Loose {
        #[serde(default)]
        pub colour: crate::Colour,
    }

    #[derive(serde::Deserialize, Schema)]
    pub struct Plain {
        #[serde(default)]
        pub note: String,
    }

    /// Fails none.
    #[workload(materials = ["content/*.txt"])]
    pub fn right_v1(ctx: &mut WorkloadContext, input: Plain) -> Result<WorkloadResult> {
        let text = std::fs::read_to_string(ctx.workspace_dir.join("content/a.txt"))?;
        let dice = ctx.capabilities.rng()?.stream("dice")?.below(1_000_000);
        ctx.artifacts.write_text("copy.txt", &text)?;
        WorkloadResult::ok(json!({ "dice": dice, "note": input.note }))
    }

    #[workload]
    pub fn input_accepted_v1(_: &mut WorkloadContext, input: Picky) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({ "needed": input.needed }))
    }

    #[workload]
    pub fn input_refused_v1(_: &mut WorkloadContext, _: Loose) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }

    #[workload(plan = super::planned)]
    pub fn plan_pure_v1(_: &mut WorkloadContext, _: Plain) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }

    #[workload(validators = [super::never])]
    pub fn run_ends_v1(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }

    #[workload]
    pub fn artifacts_confined_v1(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        std::fs::write("artifacts/secret.txt", "x")?;
        WorkloadResult::ok(json!({}))
    }

    #[workload]
    pub fn capabilities_declared_v1(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        let call = json!({ "call": { "seq": 0, "capability": "screen.render", "op": "clear", "args": {} } });
        super::stream::ask(&call.to_string())?;
        WorkloadResult::ok(json!({}))
    }

    #[workload]
    pub fn run_repeats_v1(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({ "chance": super::chance() }))
    }

    /// Sees from its folder whether the project around it has a manifest.
    #[workload]
    pub fn materials_only_v1(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({ "seen": std::path::Path::new("../../../Cargo.toml").exists() }))
    }
}

orket_runtime::main!(wrong);
