use orket_runtime::Schema;

#[derive(Schema)]
pub struct Input {
    a: Vec<std::time::Instant>,
//     ^^^^^^^^^^^^^^^^^^^^^^^ E0277
}

fn main() {}
