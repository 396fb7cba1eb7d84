//! The function as it was written, and its companion: the constant from which the extension makes
//! its list.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Path, Type};

use super::json::Json;
use super::{companion, excuses, place, sdk};
use crate::issues::Issues;
use crate::model::{Material, Meaning, Workload};

/// What a workload adds to its function; after an issue a stub of it.
pub(crate) fn workload(model: &Workload, issues: &Issues) -> TokenStream {
    let sdk = sdk(model.sdk.as_ref());
    let Some(meaning) = &model.meaning else { return TokenStream::new() };
    let entry = if issues.is_empty() { entry(&sdk, meaning) } else { refused(&sdk) };
    let (name, visibility) = (companion(&meaning.function), &meaning.visibility);
    let (cfgs, excuses) = (&meaning.cfgs, excuses());
    quote! {
        #(#cfgs)*
        #excuses
        #visibility const #name: #sdk::internal::WorkloadEntry = #entry;
    }
}

fn refused(sdk: &TokenStream) -> TokenStream {
    quote!(#sdk::internal::WorkloadEntry::REFUSED)
}

fn entry(sdk: &TokenStream, meaning: &Meaning) -> TokenStream {
    let id = &meaning.id;
    let note = note(sdk, meaning);
    let run = run(sdk, meaning);
    let plan = option(meaning.plan.as_ref().map(|plan| self::plan(sdk, meaning, plan)));
    let validators = meaning.validators.iter().map(|(name, path)| validator(sdk, name, path));
    let summarize = option(meaning.summarize.as_ref().map(|path| summarize(sdk, path)));
    quote! {
        #sdk::internal::WorkloadEntry {
            id: #id,
            note: #note,
            run: #run,
            plan: #plan,
            validators: &[#(#validators),*],
            summarize: #summarize,
        }
    }
}

fn option(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

/// Calls the author's functions through traits that only the right form implements; what is wrong is
/// reported where the author wrote it.
fn run(sdk: &TokenStream, meaning: &Meaning) -> TokenStream {
    let function = &meaning.function;
    let context = meaning
        .context
        .as_ref()
        .map(|ty| quote_spanned!(place(ty.span())=> <#ty as #sdk::internal::Context>::of(__context)));
    let input = meaning.input.as_ref().map(|ty| input(sdk, ty));
    let bind = input.as_ref().map_or_else(|| no_input(sdk), |input| quote!(let __input = #input;));
    let argument = input.map(|_| quote!(__input));
    let output = meaning
        .output
        .as_ref()
        .map(|ty| quote_spanned!(place(ty.span())=> <#ty as #sdk::internal::Output>::result));
    quote!(|__context, __input| { #bind let __context = #context; #output(#function(__context, #argument)) })
}

fn plan(sdk: &TokenStream, meaning: &Meaning, plan: &Path) -> TokenStream {
    let span = place(plan.span());
    match &meaning.input {
        Some(ty) => {
            let input = input(sdk, ty);
            let call =
                quote_spanned!(span=> <_ as #sdk::internal::Plan<#ty>>::plan(#plan, __context, &__input));
            quote!(|__context, __input| { let __input = #input; #call })
        }
        None => {
            let check = no_input(sdk);
            let call = quote_spanned!(span=> <_ as #sdk::internal::PlanAlone>::plan(#plan, __context));
            quote!(|__context, __input| { #check #call })
        }
    }
}

fn validator(sdk: &TokenStream, name: &str, path: &Path) -> TokenStream {
    let call = quote_spanned!(place(path.span())=> <_ as #sdk::internal::Validator>::validate(#path, __result, __artifacts));
    quote!(#sdk::internal::ValidatorEntry { name: #name, run: |__result, __artifacts| #call })
}

fn summarize(sdk: &TokenStream, path: &Path) -> TokenStream {
    let call =
        quote_spanned!(place(path.span())=> <_ as #sdk::internal::Summarize>::summarize(#path, __artifacts));
    quote!(|__artifacts| #call)
}

fn input(sdk: &TokenStream, ty: &Type) -> TokenStream {
    quote_spanned!(place(ty.span())=> <#ty as #sdk::internal::Input>::read(__input)?)
}

fn no_input(sdk: &TokenStream) -> TokenStream {
    quote!(<#sdk::internal::NoInput as #sdk::internal::Input>::read(__input)?;)
}

/// The note: canonical JSON of `orket_contract::manifest::Workload`.
fn note(sdk: &TokenStream, meaning: &Meaning) -> TokenStream {
    let schema = match &meaning.input {
        Some(ty) => quote_spanned!(place(ty.span())=> <#ty as #sdk::internal::Input>::NODE),
        None => quote!(<#sdk::internal::NoInput as #sdk::internal::Input>::NODE),
    };
    let mut json = Json::new(sdk);
    json.raw("{");
    if !meaning.budget.is_empty() {
        let amounts =
            meaning.budget.iter().map(|(resource, amount)| format!(r#""{}":{amount}"#, resource.key()));
        json.raw(&format!(r#""budget":{{{}}},"#, amounts.collect::<Vec<_>>().join(",")));
    }
    json.raw(r#""capabilities":["#).strings(meaning.capabilities.iter().map(String::as_str));
    json.raw(r#"],"description":"#).string(&meaning.description);
    json.raw(r#","id":"#).string(&meaning.id);
    json.raw(r#","input_schema":"#).hole(&quote!(Of(#schema)));
    json.raw(r#","materials":["#);
    for (at, material) in meaning.materials.iter().enumerate() {
        json.raw(if at == 0 { "" } else { "," });
        self::material(&mut json, material);
    }
    json.raw("]");
    if !meaning.network.is_empty() {
        let targets: Vec<String> = meaning.network.iter().map(ToString::to_string).collect();
        json.raw(r#","network":["#).strings(targets.iter().map(String::as_str)).raw("]");
    }
    json.raw(&format!(r#","plan":{},"summarize":{}"#, meaning.plan.is_some(), meaning.summarize.is_some()));
    json.raw(r#","validators":["#).strings(meaning.validators.iter().map(|(name, _)| name.as_str()));
    json.raw(r#"],"version":"#).string_or_env(meaning.version.as_deref(), "CARGO_PKG_VERSION");
    json.raw("}");
    json.rendered()
}

fn material(json: &mut Json, material: &Material) {
    json.raw(r#"{"path":"#).string(&material.path);
    if let Some(digest) = &material.sha256 {
        json.raw(r#","sha256":"#).string(digest);
    }
    json.raw("}");
}
