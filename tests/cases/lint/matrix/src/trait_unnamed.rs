//~ import.internal: source
use orket_runtime::internal::Schema as _;
pub const NOTHING: () = ();
