use orket_runtime::prelude::*;

#[workload]
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult, std::io::Error> {
//                                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ E0277
    Err(std::io::ErrorKind::Other.into())
}

fn main() {}
