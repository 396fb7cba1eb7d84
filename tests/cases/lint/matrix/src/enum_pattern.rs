//~ import.internal: compiler source
pub fn is_text(piece: &orket_runtime::internal::Piece) -> bool {
    matches!(piece, orket_runtime::internal::Piece::Text(_))
}
