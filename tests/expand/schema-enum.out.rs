#[automatically_derived]
#[allow(deprecated)]
impl ::orket_runtime::internal::Schema for Ending {
    const NODE: &'static[::orket_runtime::internal::Piece] = &[
        ::orket_runtime::internal::Piece::Text(
            "{\"oneOf\":[{\"const\":\"open-case\",\"description\":\"Nobody was accused.\"},{\"additionalProperties\":false,\"properties\":{\"accused\":"
        ),
        ::orket_runtime::internal::Piece::Of(<String as ::orket_runtime::internal::Schema>::NODE),
        ::orket_runtime::internal::Piece::Text(
            "},\"required\":[\"accused\"],\"type\":\"object\"},{\"additionalProperties\":false,\"properties\":{\"pair\":{\"maxItems\":2,\"minItems\":2,\"prefixItems\":["
        ),
        ::orket_runtime::internal::Piece::Of(<u8 as ::orket_runtime::internal::Schema>::NODE),
        ::orket_runtime::internal::Piece::Text(","),
        ::orket_runtime::internal::Piece::Of(<Option<u8> as ::orket_runtime::internal::Schema>::NODE),
        ::orket_runtime::internal::Piece::Text(
            "],\"type\":\"array\"}},\"required\":[\"pair\"],\"type\":\"object\"},{\"additionalProperties\":false,\"properties\":{\"case-closed\":{\"properties\":{\"by\":"
        ),
        ::orket_runtime::internal::Piece::Of(<String as ::orket_runtime::internal::Schema>::NODE),
        ::orket_runtime::internal::Piece::Text("},\"required\":["),
        ::orket_runtime::internal::Piece::Chosen(&[("\"by\"", !<String as ::orket_runtime::internal::Schema>::OPTIONAL)]),
        ::orket_runtime::internal::Piece::Text("],\"type\":\"object\"}},\"required\":[\"case-closed\"],\"type\":\"object\"}]}")
    ];
}
