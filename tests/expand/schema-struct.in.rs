#[derive(Schema)]
/// What a game starts from.
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input<T> {
    /// How many people.
    #[serde(default)]
    pub npc_count: u8,
    #[serde(rename = "Mode")]
    pub mode: Option<Mode>,
    #[serde(skip)]
    pub cache: Cache,
    pub rest: Vec<T>,
}
