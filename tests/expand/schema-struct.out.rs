#[automatically_derived]
#[allow(deprecated)]
impl<T>::orket_runtime::internal::Schema for Input<T> where T: ::orket_runtime::internal::Schema {
    const NODE: &'static[::orket_runtime::internal::Piece] = &[
        ::orket_runtime::internal::Piece::Text(
            "{\"additionalProperties\":false,\"description\":\"What a game starts from.\",\"properties\":{\"Mode\":"
        ),
        ::orket_runtime::internal::Piece::Of(<Option<Mode> as ::orket_runtime::internal::Schema>::NODE),
        ::orket_runtime::internal::Piece::Text(",\"npcCount\":{\"allOf\":["),
        ::orket_runtime::internal::Piece::Of(<u8 as ::orket_runtime::internal::Schema>::NODE),
        ::orket_runtime::internal::Piece::Text("],\"description\":\"How many people.\"},\"rest\":"),
        ::orket_runtime::internal::Piece::Of(<Vec<T> as ::orket_runtime::internal::Schema>::NODE),
        ::orket_runtime::internal::Piece::Text("},\"required\":["),
        ::orket_runtime::internal::Piece::Chosen(
            &[
                ("\"Mode\"", !<Option<Mode> as ::orket_runtime::internal::Schema>::OPTIONAL),
                ("\"rest\"", !<Vec<T> as ::orket_runtime::internal::Schema>::OPTIONAL)
            ]
        ),
        ::orket_runtime::internal::Piece::Text("],\"type\":\"object\"}")
    ];
}
