pub mod hello {}

    orket_runtime::main!(hello);
//  ^^^^^^^^^^^^^^^^^^^^^^^^^^^ E0432
