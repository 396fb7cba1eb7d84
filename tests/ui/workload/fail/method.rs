use orket_runtime::prelude::*;

pub struct Game;

impl Game {
    #[workload]
    pub fn play(&mut self) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }
}

fn main() {}
