//~ native.export: source
#[used]
#[unsafe(link_section = ".note.matrix")]
pub static NOTE: u8 = 0;
