use orket_runtime::Schema;

#[derive(Schema)]
pub struct Input {
    a: std::collections::BTreeMap<u8, u8>,
//     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ E0277
}

fn main() {}
