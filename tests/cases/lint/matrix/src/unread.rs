//~ lint.unread: source
fn a( {
