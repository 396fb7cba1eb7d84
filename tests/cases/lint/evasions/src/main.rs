orket_runtime::main!(evasions::extension);
