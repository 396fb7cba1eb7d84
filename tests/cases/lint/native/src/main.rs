//! Asks libc for what no guest is given.

#[orket_runtime::extension(id = "native")]
pub mod extension {
    use orket_runtime::prelude::*;

    #[workload(id = "native_v1", capabilities = ["network.connect"])]
    pub fn native_v1(_ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
        let thread = std::thread::spawn(|| ()).join().is_ok();
        let socket = std::net::TcpStream::connect("localhost:1").is_ok();
        let process = std::process::Command::new("ls").status().is_ok();
        WorkloadResult::ok(json!({ "process": process, "socket": socket, "thread": thread }))
    }
}

orket_runtime::main!(extension);
