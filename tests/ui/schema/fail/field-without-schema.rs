use orket_runtime::Schema;

#[derive(serde::Deserialize, Schema)]
pub struct Input {
    at: std::time::Duration,
//      ^^^^^^^^^^^^^^^^^^^ E0277
}

fn main() {}
