orket_runtime::main!(matrix::extension);
