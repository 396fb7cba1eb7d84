//! `main!`: the program of an extension.
//!
//! Invariant: the notes are a static of the program, not of a library, because a static that is
//! marked as used lands in every program that links the library.

/// Makes the program of an extension: defines `main` and places the manifest in the artifact.
///
/// Takes the path of the module that carries `#[extension]`; stands in `src/main.rs`.
///
/// ```no_run
/// mod greeter {
///     #[orket_runtime::extension(id = "hello.world")]
///     pub mod hello {
///         use orket_runtime::prelude::*;
///
///         #[workload]
///         pub fn greet(_ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
///             WorkloadResult::ok(json!({}))
///         }
///     }
/// }
/// orket_runtime::main!(greeter::hello);
/// ```
#[macro_export]
macro_rules! main {
    // A `path` could not be extended by the name of the entry.
    ($(::)? $($segment:ident)::+ $(,)?) => {
        #[allow(deprecated, long_running_const_eval)]
        fn main() -> ::std::process::ExitCode {
            use $($segment)::+::__orket as EXTENSION;

            #[used]
            #[cfg_attr(
                not(any(target_vendor = "apple", windows)),
                unsafe(link_section = ".note.orket")
            )]
            #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__orket"))]
            #[cfg_attr(windows, unsafe(link_section = ".orket"))]
            static NOTES: $crate::internal::Notes<{ $crate::internal::notes_length(&EXTENSION) }> =
                $crate::internal::notes(&EXTENSION);

            $crate::internal::main(&EXTENSION, &NOTES.0)
        }
    };
}
