orket_runtime::main!(graph::extension);
