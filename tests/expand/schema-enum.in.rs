#[derive(Schema)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// Nobody was accused.
    OpenCase,
    Accused(String),
    Pair(u8, Option<u8>),
    CaseClosed { by: String },
}
