#[automatically_derived]
#[allow(deprecated)]
impl ::orket_runtime::internal::Schema for Tree {
    const NODE: &'static[::orket_runtime::internal::Piece] = &[];
}
::core::compile_error!{
    "[schema.unsupported] the schema derive does not know `tag` here and would not tell the truth\nhelp: see `cargo orket explain schema.unsupported`"
}
::core::compile_error!{
    "[schema.unsupported] the schema derive does not know `flatten` here and would not tell the truth\nhelp: see `cargo orket explain schema.unsupported`"
}
::core::compile_error!{
    "[schema.recursive] `Tree` holds itself, which a schema cannot express yet\nhelp: take `serde_json::Value` at this place"
}
