use orket_runtime::Schema;

#[derive(serde::Deserialize, Schema)]
pub struct Input {
    #[serde(deserialize_with = "read")]
    a: u8,
    #[serde(alias = "c")]
    b: u8,
}

fn read<'de, D: serde::Deserializer<'de>>(_: D) -> Result<u8, D::Error> {
    Ok(1)
}

fn main() {}
