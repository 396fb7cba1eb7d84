//! The schema of a type: text that is known now, and holes where the types of fields go.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Generics, Type};

use super::json::{Json, quoted};
use super::{place, sdk};
use crate::issues::Issues;
use crate::model::{Field, Object, Schema, Shape, Variant};

/// What a schema adds to its type; after an issue an empty one, so that the types that hold this one have no errors.
pub(crate) fn schema(model: &Schema, issues: &Issues) -> TokenStream {
    let sdk = sdk(model.sdk.as_ref());
    let (pieces, optional) = if issues.is_empty() {
        let mut json = Json::new(&sdk);
        shape(&mut json, &sdk, &model.shape, &model.description);
        (json.pieces(), optional(&sdk, &model.shape))
    } else {
        (quote!(&[]), None)
    };
    let name = &model.name;
    let generics = bounded(&sdk, &model.generics);
    let (parameters, arguments, clause) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #parameters #sdk::internal::Schema for #name #arguments #clause {
            const NODE: &'static [#sdk::internal::Piece] = #pieces;
            #optional
        }
    }
}

/// Requires a schema of every type parameter.
fn bounded(sdk: &TokenStream, generics: &Generics) -> Generics {
    let mut generics = generics.clone();
    let bounds: Vec<syn::WherePredicate> = generics
        .type_params()
        .filter_map(|parameter| {
            let name = &parameter.ident;
            syn::parse2(quote!(#name: #sdk::internal::Schema)).ok()
        })
        .collect();
    if !bounds.is_empty() {
        generics.make_where_clause().predicates.extend(bounds);
    }
    generics
}

fn optional(sdk: &TokenStream, shape: &Shape) -> Option<TokenStream> {
    let Shape::Same(Field { ty, .. }, true) = shape else { return None };
    Some(quote!(const OPTIONAL: bool = <#ty as #sdk::internal::Schema>::OPTIONAL;))
}

fn shape(json: &mut Json, sdk: &TokenStream, shape: &Shape, description: &str) {
    match shape {
        Shape::Null => {
            json.raw("{");
            self::description(json, description, ",");
            json.raw(r#""type":"null"}"#);
        }
        Shape::Same(field, _) if description.is_empty() => self::field(json, sdk, field),
        Shape::Same(field, _) => of(json, sdk, &field.ty, description),
        Shape::Tuple(fields) => tuple(json, sdk, fields, description),
        Shape::Object(object) => self::object(json, sdk, object, description),
        Shape::Choice(variants) => choice(json, sdk, variants, description),
    }
}

/// The key `description` with what separates it from the next, unless there is none.
fn description(json: &mut Json, description: &str, separator: &str) {
    if !description.is_empty() {
        json.raw(r#""description":"#).string(description).raw(separator);
    }
}

fn field(json: &mut Json, sdk: &TokenStream, field: &Field) {
    of(json, sdk, &field.ty, &field.description);
}

/// The schema of a type, with a description beside it.
fn of(json: &mut Json, sdk: &TokenStream, ty: &Type, text: &str) {
    let node = quote_spanned!(place(ty.span())=> <#ty as #sdk::internal::Schema>::NODE);
    if text.is_empty() {
        json.hole(&quote!(Of(#node)));
    } else {
        json.raw(r#"{"allOf":["#).hole(&quote!(Of(#node))).raw("],");
        description(json, text, "}");
    }
}

fn tuple(json: &mut Json, sdk: &TokenStream, fields: &[Field], text: &str) {
    let count = fields.len();
    json.raw("{");
    description(json, text, ",");
    json.raw(&format!(r#""maxItems":{count},"minItems":{count},"#));
    json.raw(if fields.is_empty() { "" } else { r#""prefixItems":["# });
    for (at, field) in fields.iter().enumerate() {
        json.raw(if at == 0 { "" } else { "," });
        self::field(json, sdk, field);
    }
    json.raw(if fields.is_empty() { "" } else { "]," }).raw(r#""type":"array"}"#);
}

fn object(json: &mut Json, sdk: &TokenStream, object: &Object, text: &str) {
    json.raw(if object.closed { r#"{"additionalProperties":false,"# } else { "{" });
    description(json, text, ",");
    json.raw(r#""properties":{"#);
    for (at, field) in object.fields.iter().enumerate() {
        json.raw(if at == 0 { "" } else { "," }).string(&field.name).raw(":");
        self::field(json, sdk, field);
    }
    json.raw(r#"},"required":["#);
    let required = object.fields.iter().filter(|field| !field.defaulted).map(|Field { name, ty, .. }| {
        let name = quoted(name);
        quote_spanned!(place(ty.span())=> (#name, !<#ty as #sdk::internal::Schema>::OPTIONAL))
    });
    json.hole(&quote!(Chosen(&[#(#required),*]))).raw(r#"],"type":"object"}"#);
}

fn choice(json: &mut Json, sdk: &TokenStream, variants: &[Variant], text: &str) {
    json.raw("{");
    description(json, text, ",");
    let plain = |variant: &Variant| matches!(variant.shape, Shape::Null) && variant.description.is_empty();
    if variants.iter().all(plain) {
        json.raw(r#""enum":["#).strings(variants.iter().map(|variant| variant.name.as_str()));
        json.raw(r#"],"type":"string"}"#);
        return;
    }
    json.raw(r#""oneOf":["#);
    for (at, variant) in variants.iter().enumerate() {
        json.raw(if at == 0 { "" } else { "," });
        self::variant(json, sdk, variant);
    }
    json.raw("]}");
}

/// A variant as serde tags it: a name, or an object with the name as its only key.
fn variant(json: &mut Json, sdk: &TokenStream, variant: &Variant) {
    if let Shape::Null = variant.shape {
        json.raw(r#"{"const":"#).string(&variant.name);
        if !variant.description.is_empty() {
            json.raw(",");
            description(json, &variant.description, "");
        }
        json.raw("}");
        return;
    }
    json.raw(r#"{"additionalProperties":false,"#);
    description(json, &variant.description, ",");
    json.raw(r#""properties":{"#).string(&variant.name).raw(":");
    shape(json, sdk, &variant.shape, "");
    json.raw(r#"},"required":["#).string(&variant.name).raw(r#"],"type":"object"}"#);
}
