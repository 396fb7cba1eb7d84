//! The meaning of a type that derives `Schema`: the shape that serde reads.
//!
//! Invariant: what cannot be expressed exactly is refused, never guessed.

use std::collections::BTreeSet;

use orket_contract::code;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Attribute, Data, DeriveInput, Fields, Generics, Meta, Path, Type};

use super::casing::Casing;
use super::option;
use crate::issues::Issues;
use crate::parse::{self, Word};

/// A type and its shape.
pub(crate) struct Schema {
    /// Where the SDK is, if not in its usual place.
    pub(crate) sdk: Option<Path>,
    pub(crate) name: Ident,
    pub(crate) generics: Generics,
    pub(crate) description: String,
    pub(crate) shape: Shape,
}

/// What serde reads.
pub(crate) enum Shape {
    Null,
    /// What a field's type is; the flag says whether a missing value may be `None` as well.
    Same(Field, bool),
    Tuple(Vec<Field>),
    Object(Object),
    /// One of several, externally tagged.
    Choice(Vec<Variant>),
}

/// An object with known keys.
pub(crate) struct Object {
    /// Sorted as canonical JSON sorts keys.
    pub(crate) fields: Vec<Field>,
    /// Whether other keys are refused.
    pub(crate) closed: bool,
}

/// A field.
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) description: String,
    /// Whether it may be missing.
    pub(crate) defaulted: bool,
}

/// A variant of an enum.
pub(crate) struct Variant {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) shape: Shape,
}

/// What `serde`'s attributes say of a type, field or variant.
#[derive(Default)]
struct Attributes {
    rename: Option<String>,
    casing: Option<Casing>,
    default: bool,
    skip: bool,
    closed: bool,
    transparent: bool,
}

/// Where an attribute stands; each place knows other words.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Struct,
    Enum,
    Variant,
    Field,
}

/// Checks a type.
pub(crate) fn schema(input: &DeriveInput, issues: &mut Issues) -> Schema {
    let shape = match &input.data {
        Data::Struct(data) => {
            let attributes = attributes(&input.attrs, Place::Struct, issues);
            shape(&data.fields, &attributes, &input.ident, issues)
        }
        Data::Enum(data) => choice(input, data, issues),
        Data::Union(data) => {
            issues.report(data.union_token.span, code::SCHEMA_UNSUPPORTED, "a union has no schema");
            Shape::Null
        }
    };
    Schema {
        sdk: sdk(&input.attrs, issues),
        name: input.ident.clone(),
        generics: input.generics.clone(),
        description: parse::description(&input.attrs),
        shape,
    }
}

fn sdk(attributes: &[Attribute], issues: &mut Issues) -> Option<Path> {
    let attribute = attributes.iter().find(|attribute| attribute.path().is_ident("schema"))?;
    let options = match &attribute.meta {
        Meta::List(list) => parse::options(list.tokens.clone(), issues),
        _ => Vec::new(),
    };
    option::check_keys(&options, &["crate"], issues);
    option::path(&options, "crate", issues)
}

fn choice(input: &DeriveInput, data: &syn::DataEnum, issues: &mut Issues) -> Shape {
    let outer = attributes(&input.attrs, Place::Enum, issues);
    let mut variants: Vec<Variant> = Vec::new();
    for variant in &data.variants {
        let inner = attributes(&variant.attrs, Place::Variant, issues);
        if inner.skip {
            continue;
        }
        let written = variant.ident.unraw().to_string();
        let cased = outer.casing.map_or_else(|| written.clone(), |casing| casing.variant(&written));
        let name = inner.rename.clone().unwrap_or(cased);
        if variants.iter().any(|earlier| earlier.name == name) {
            unsupported(variant.ident.span(), &format!("two variants are read from `{name}`"), issues);
        }
        let inner = Attributes { closed: outer.closed, ..inner };
        let shape = shape(&variant.fields, &inner, &input.ident, issues);
        variants.push(Variant { name, description: parse::description(&variant.attrs), shape });
    }
    if variants.is_empty() {
        unsupported(input.ident.span(), "no value fits an enum without variants", issues);
    }
    Shape::Choice(variants)
}

fn shape(fields: &Fields, outer: &Attributes, owner: &Ident, issues: &mut Issues) -> Shape {
    let found: Vec<Field> =
        fields.iter().filter_map(|field| self::field(field, outer, owner, issues)).collect();
    match fields {
        Fields::Unit => Shape::Null,
        Fields::Named(_) if outer.transparent => same(found, true, owner, issues),
        Fields::Unnamed(all) if all.unnamed.len() == 1 => same(found, outer.transparent, owner, issues),
        Fields::Named(_) => object(found, outer.closed, owner, issues),
        Fields::Unnamed(all) => {
            if let Some(short) = all.unnamed.iter().find(|field| is_shortened(field, outer)) {
                let message = "a tuple that may be shorter than its fields has no schema here";
                unsupported(short.span(), message, issues);
            }
            Shape::Tuple(found)
        }
    }
}

fn is_shortened(field: &syn::Field, outer: &Attributes) -> bool {
    let own = attributes(&field.attrs, Place::Field, &mut Issues::default());
    own.default || own.skip || outer.default
}

fn same(mut fields: Vec<Field>, transparent: bool, owner: &Ident, issues: &mut Issues) -> Shape {
    match (fields.pop(), fields.is_empty()) {
        (Some(field), true) => Shape::Same(field, transparent),
        _ => {
            unsupported(owner.span(), "a transparent type has one field that is read", issues);
            Shape::Null
        }
    }
}

fn object(mut fields: Vec<Field>, closed: bool, owner: &Ident, issues: &mut Issues) -> Shape {
    fields.sort_by(|left, right| left.name.encode_utf16().cmp(right.name.encode_utf16()));
    if let Some(pair) = fields.windows(2).find(|pair| pair[0].name == pair[1].name) {
        unsupported(owner.span(), &format!("two fields are read from the key `{}`", pair[0].name), issues);
    }
    Shape::Object(Object { fields, closed })
}

/// A field, unless it is skipped.
fn field(field: &syn::Field, outer: &Attributes, owner: &Ident, issues: &mut Issues) -> Option<Field> {
    let own = attributes(&field.attrs, Place::Field, issues);
    if own.skip {
        return None;
    }
    if let Some(span) = recursion(field.ty.to_token_stream(), owner) {
        let message = format!("`{owner}` holds itself, which a schema cannot express yet");
        issues.report_with_help(
            span,
            code::SCHEMA_RECURSIVE,
            message,
            "take `serde_json::Value` at this place",
        );
    }
    let written = field.ident.as_ref().map(|ident| ident.unraw().to_string()).unwrap_or_default();
    let cased = outer.casing.map_or_else(|| written.clone(), |casing| casing.field(&written));
    Some(Field {
        name: own.rename.unwrap_or(cased),
        ty: field.ty.clone(),
        description: parse::description(&field.attrs),
        defaulted: own.default || outer.default,
    })
}

/// Where a type names its owner. A path such as `other::Owner` is another type.
fn recursion(ty: TokenStream, owner: &Ident) -> Option<Span> {
    let mut after_colon = false;
    for token in ty {
        match &token {
            TokenTree::Group(group) => {
                if let Some(span) = recursion(group.stream(), owner) {
                    return Some(span);
                }
            }
            TokenTree::Ident(ident) if !after_colon && (ident == owner || ident == "Self") => {
                return Some(ident.span());
            }
            _ => {}
        }
        after_colon = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ':');
    }
    None
}

fn attributes(attributes: &[Attribute], place: Place, issues: &mut Issues) -> Attributes {
    let mut found = Attributes::default();
    let mut seen = BTreeSet::new();
    for word in parse::words(attributes, issues) {
        let name = word.name.to_string();
        if !understand(&word, &name, place, &mut found) {
            let message =
                format!("the schema derive does not know `{name}` here and would not tell the truth");
            unsupported(word.name.span(), &message, issues);
        } else if !seen.insert(name.clone()) {
            unsupported(word.name.span(), &format!("`{name}` is given twice"), issues);
        }
    }
    found
}

/// Takes one word in; whether it was understood.
fn understand(word: &Word, name: &str, place: Place, found: &mut Attributes) -> bool {
    use Place::{Enum, Field, Struct, Variant};
    let value = word.value.as_ref().map(syn::LitStr::value);
    match (name, place) {
        // These change nothing of what is read.
        ("serialize_with" | "skip_serializing" | "skip_serializing_if" | "bound" | "borrow", _)
        | ("expecting" | "crate" | "rename" | "into", Struct | Enum) => {}
        ("rename", Variant | Field) => {
            found.rename = value;
            return found.rename.is_some();
        }
        ("rename_all", Struct | Enum | Variant) => {
            found.casing = value.as_deref().and_then(Casing::new);
            return found.casing.is_some();
        }
        ("default", Struct | Field) => found.default = true,
        ("skip" | "skip_deserializing", Variant | Field) => found.skip = true,
        ("deny_unknown_fields", Struct | Enum) => found.closed = true,
        ("transparent", Struct) => found.transparent = true,
        _ => return false,
    }
    true
}

fn unsupported(span: Span, message: &str, issues: &mut Issues) {
    issues.report(span, code::SCHEMA_UNSUPPORTED, message);
}
