//! The JSON Schema of a type, as a constant.
//!
//! Invariants: a schema is never stricter or looser than what `serde` reads, as far as JSON Schema
//! can say it; keys stand in the order of RFC 8785. Bounds beyond 2^53 - 1 are left out, because
//! canonical JSON has no such numbers.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::internal::Piece;

/// A type whose JSON Schema is known at compile time; what the input of a workload must be.
///
/// Derive it beside `serde::Deserialize`. The derive understands `serde`'s attributes `rename`,
/// `rename_all`, `default`, `skip`, `deny_unknown_fields` and `transparent`, and refuses with
/// `schema.unsupported` what it cannot express. Doc comments become descriptions. A type that holds
/// itself is `schema.recursive`; types that hold each other are refused by the compiler as a cycle
/// (E0391).
///
/// ```
/// use orket_runtime::Schema;
///
/// #[derive(serde::Deserialize, Schema)]
/// #[serde(deny_unknown_fields)]
/// struct Input {
///     /// How many people live in the town.
///     #[serde(default)]
///     people: u8,
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no schema",
    label = "the input of a workload and all that it holds need a schema",
    note = "derive it: `#[derive(serde::Deserialize, orket_runtime::Schema)]`"
)]
pub trait Schema {
    /// The schema, in pieces.
    #[doc(hidden)]
    const NODE: &'static [Piece];

    /// Whether a missing field of this type is read as `None`.
    #[doc(hidden)]
    const OPTIONAL: bool = false;
}

macro_rules! plain {
    ($($type:ty = $schema:literal;)*) => {$(
        impl Schema for $type {
            const NODE: &'static [Piece] = &[Piece::Text($schema)];
        }
    )*};
}

plain! {
    () = r#"{"type":"null"}"#;
    bool = r#"{"type":"boolean"}"#;
    char = r#"{"maxLength":1,"minLength":1,"type":"string"}"#;
    String = r#"{"type":"string"}"#;
    u8 = r#"{"maximum":255,"minimum":0,"type":"integer"}"#;
    u16 = r#"{"maximum":65535,"minimum":0,"type":"integer"}"#;
    u32 = r#"{"maximum":4294967295,"minimum":0,"type":"integer"}"#;
    u64 = r#"{"minimum":0,"type":"integer"}"#;
    usize = r#"{"minimum":0,"type":"integer"}"#;
    i8 = r#"{"maximum":127,"minimum":-128,"type":"integer"}"#;
    i16 = r#"{"maximum":32767,"minimum":-32768,"type":"integer"}"#;
    i32 = r#"{"maximum":2147483647,"minimum":-2147483648,"type":"integer"}"#;
    i64 = r#"{"type":"integer"}"#;
    isize = r#"{"type":"integer"}"#;
    f32 = r#"{"type":"number"}"#;
    f64 = r#"{"type":"number"}"#;
    Value = "{}";
    Map<String, Value> = r#"{"type":"object"}"#;
}

impl<T: Schema> Schema for Option<T> {
    const NODE: &'static [Piece] =
        &[Piece::Text(r#"{"anyOf":["#), Piece::Of(T::NODE), Piece::Text(r#",{"type":"null"}]}"#)];
    const OPTIONAL: bool = true;
}

impl<T: Schema> Schema for Box<T> {
    const NODE: &'static [Piece] = T::NODE;
    const OPTIONAL: bool = T::OPTIONAL;
}

impl<T: Schema> Schema for Vec<T> {
    const NODE: &'static [Piece] =
        &[Piece::Text(r#"{"items":"#), Piece::Of(T::NODE), Piece::Text(r#","type":"array"}"#)];
}

impl<T: Schema, const N: usize> Schema for [T; N] {
    const NODE: &'static [Piece] = &[
        Piece::Text(r#"{"items":"#),
        Piece::Of(T::NODE),
        Piece::Text(r#","maxItems":"#),
        Piece::Number(N),
        Piece::Text(r#","minItems":"#),
        Piece::Number(N),
        Piece::Text(r#","type":"array"}"#),
    ];
}

impl<T: Schema> Schema for BTreeMap<String, T> {
    const NODE: &'static [Piece] = &[
        Piece::Text(r#"{"additionalProperties":"#),
        Piece::Of(T::NODE),
        Piece::Text(r#","type":"object"}"#),
    ];
}

macro_rules! tuple {
    ($count:literal $first:ident $($rest:ident)*) => {
        impl<$first: Schema, $($rest: Schema),*> Schema for ($first, $($rest,)*) {
            const NODE: &'static [Piece] = &[
                Piece::Text(concat!(
                    r#"{"maxItems":"#, $count, r#","minItems":"#, $count, r#","prefixItems":["#
                )),
                Piece::Of($first::NODE),
                $(Piece::Text(","), Piece::Of($rest::NODE),)*
                Piece::Text(r#"],"type":"array"}"#),
            ];
        }
    };
}

tuple!(1 A);
tuple!(2 A B);
tuple!(3 A B C);
tuple!(4 A B C D);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::internal::length;

    #[track_caller]
    fn check<T: Schema>(expected: &str) {
        let mut text = String::new();
        write(T::NODE, &mut text);
        assert_eq!(text, expected);
        assert_eq!(length(T::NODE), expected.len());
        let parsed: Value = serde_json::from_str(&text).expect("a schema is JSON");
        assert_eq!(parsed.to_string(), expected, "keys in order");
    }

    fn write(pieces: &[Piece], text: &mut String) {
        for piece in pieces {
            match piece {
                Piece::Text(part) => text.push_str(part),
                Piece::Of(pieces) => write(pieces, text),
                Piece::Number(number) => text.push_str(&number.to_string()),
                _ => unreachable!("no other piece in the schema of a std type"),
            }
        }
    }

    #[test]
    fn std_types_have_canonical_schemas() {
        check::<u8>(r#"{"maximum":255,"minimum":0,"type":"integer"}"#);
        check::<i32>(r#"{"maximum":2147483647,"minimum":-2147483648,"type":"integer"}"#);
        check::<Option<bool>>(r#"{"anyOf":[{"type":"boolean"},{"type":"null"}]}"#);
        check::<Vec<Box<String>>>(r#"{"items":{"type":"string"},"type":"array"}"#);
        check::<[f64; 3]>(r#"{"items":{"type":"number"},"maxItems":3,"minItems":3,"type":"array"}"#);
        check::<BTreeMap<String, Value>>(r#"{"additionalProperties":{},"type":"object"}"#);
        check::<(u64, ())>(
            r#"{"maxItems":2,"minItems":2,"prefixItems":[{"minimum":0,"type":"integer"},{"type":"null"}],"type":"array"}"#,
        );
    }
}
