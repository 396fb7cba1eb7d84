#[derive(Schema)]
#[serde(tag = "type")]
pub enum Tree {
    Leaf,
    Node { #[serde(flatten)] left: Box<Tree> },
}
