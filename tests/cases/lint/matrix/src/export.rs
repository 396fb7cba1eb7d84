//~ native.export: source
#[unsafe(no_mangle)]
pub extern "C" fn matrix_of_its_own() {}
