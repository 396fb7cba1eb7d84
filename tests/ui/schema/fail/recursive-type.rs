use orket_runtime::Schema;

#[derive(serde::Deserialize, Schema)]
pub struct Tree {
    children: Vec<Tree>,
//                ^^^^ schema.recursive
}

fn main() {}
