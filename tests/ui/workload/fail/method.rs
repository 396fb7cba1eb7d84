use orket_runtime::prelude::*;

pub struct Game;

impl Game {
    #[workload]
    pub fn play(&mut self) -> Result<WorkloadResult> {
//                   ^^^^ workload.signature
        WorkloadResult::ok(json!({}))
    }
}

fn main() {}
