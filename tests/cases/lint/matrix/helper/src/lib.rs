//~ import.internal: compiler source
//! Hands on what it may not have; its users name nothing internal themselves.

#![allow(deprecated)]

#[doc(hidden)]
pub use renamed::internal as __private;
pub use renamed::internal as shiny;

pub fn fault() -> renamed::internal::Fault {
    renamed::internal::Fault::of(&[])
}

pub fn entry() -> renamed::internal::WorkloadEntry {
    renamed::internal::WorkloadEntry::REFUSED
}

#[macro_export]
macro_rules! version {
    () => {
        $crate::shiny::SDK_VERSION
    };
}
