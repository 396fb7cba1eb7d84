//! The macros, as the compiler sees them: what they refuse and what they accept.

// Apart from the accepted ones, because trybuild checks refused cases all at once only then.
#[test]
fn every_mistake_is_refused_as_recorded() {
    trybuild::TestCases::new().compile_fail("*/fail/*.rs");
}

#[test]
fn every_sound_case_is_accepted() {
    trybuild::TestCases::new().pass("*/pass/*.rs");
}
