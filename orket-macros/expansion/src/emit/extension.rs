//! The module as it was written, with `register` and the table of its workloads added to it.

use proc_macro2::{Delimiter, Group, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::json::Json;
use super::{companion, excuses, place, sdk};
use crate::issues::Issues;
use crate::model::{Extension, Listed};
use crate::parse::{Item, Kind, Module};

/// What an extension adds to its module, at its end.
pub(crate) fn extension(module: &Module, model: &Extension, issues: &Issues) -> TokenStream {
    let sdk = sdk(model.sdk.as_ref());
    if issues.is_empty() { table(&sdk, module, model) } else { refused(&sdk) }
}

/// The module as it was written, with something added at its end.
pub(crate) fn module(module: &Module, added: &TokenStream) -> TokenStream {
    let items = module.items.iter().map(item);
    let inner = &module.inner;
    let inside = quote!(#inner #(#items)* #added);
    let Module { attributes, visibility, keyword, name, .. } = module;
    let mut body = Group::new(Delimiter::Brace, inside);
    body.set_span(module.braces);
    quote!(#(#attributes)* #visibility #keyword #name #body)
}

/// An item as it was written; only an import loses its `#[workload]`, which is no attribute of it.
fn item(item: &Item) -> TokenStream {
    let listed = item.workload().filter(|_| matches!(item.kind, Kind::Import(_)));
    let mut tokens = TokenStream::new();
    for attribute in &item.attributes {
        if !listed.is_some_and(|listed| std::ptr::eq(listed, attribute)) {
            attribute.to_tokens(&mut tokens);
        }
    }
    item.tokens.to_tokens(&mut tokens);
    tokens
}

fn refused(sdk: &TokenStream) -> TokenStream {
    let entry = entry(sdk, &quote!(#sdk::internal::ExtensionEntry::REFUSED));
    let register = register(sdk);
    quote!(#register #entry)
}

fn entry(sdk: &TokenStream, value: &TokenStream) -> TokenStream {
    let excuses = excuses();
    quote! {
        #excuses
        pub static __orket: #sdk::internal::ExtensionEntry = #value;
    }
}

fn register(sdk: &TokenStream) -> TokenStream {
    quote! {
        /// Registers the workloads of this extension, in their order.
        #[allow(dead_code, deprecated, unreachable_pub)]
        pub fn register(registry: &mut #sdk::workload::Registry) {
            registry.extension(&__orket);
        }
    }
}

fn table(sdk: &TokenStream, module: &Module, model: &Extension) -> TokenStream {
    let excuses = excuses();
    let imports = model.workloads.iter().filter_map(import);
    let workloads = model.workloads.iter().map(|Listed { cfgs, here, .. }| {
        let companion = companion(here);
        quote!(#(#cfgs)* #companion)
    });
    let register = register(sdk);
    let id = &model.id;
    let note = header(sdk, model);
    let check = quote_spanned! {place(module.name.span())=>
        ::core::assert!(FAULT.is_none(), "{}", FAULT.text())
    };
    let entry = entry(
        sdk,
        &quote! {{
            const WORKLOADS: &[#sdk::internal::WorkloadEntry] = &[#(#workloads),*];
            const IDS: &[&str] = &#sdk::internal::ids::<{ WORKLOADS.len() }>(WORKLOADS);
            const FAULT: #sdk::internal::Fault = #sdk::internal::Fault::of(IDS);
            const _: () = #check;
            #sdk::internal::ExtensionEntry { id: #id, note: #note, workloads: WORKLOADS, register }
        }},
    );
    quote!(#register #(#excuses #imports)* #entry)
}

/// Brings the companion of a listed workload along.
fn import(listed: &Listed) -> Option<TokenStream> {
    let Listed { cfgs, from, name, here } = listed;
    let from = from.as_ref()?;
    let (there, here) = (companion(name), companion(here));
    let colons = (!from.segments.is_empty()).then(|| quote!(::));
    Some(quote!(#(#cfgs)* use #from #colons #there as #here;))
}

/// The header note: canonical JSON of `orket_contract::manifest::Header`.
fn header(sdk: &TokenStream, model: &Extension) -> TokenStream {
    let mut json = Json::new(sdk);
    json.raw(r#"{"authors":["#).hole(&quote!(Authors(::core::env!("CARGO_PKG_AUTHORS"))));
    json.raw(r#"],"capabilities":["#).strings(model.capabilities.iter().map(String::as_str));
    json.raw("]");
    if let Some(config) = &model.config {
        let node = quote_spanned!(place(config.span())=> <#config as #sdk::internal::Schema>::NODE);
        json.raw(r#","config_schema":"#).hole(&quote!(Of(#node)));
    }
    json.raw(r#","description":"#);
    json.string_or_env(model.description.as_deref(), "CARGO_PKG_DESCRIPTION");
    json.raw(r#","extension_api_version":"#).string(orket_contract::EXTENSION_API_VERSION);
    json.raw(r#","id":"#).string(&model.id);
    json.raw(r#","license":"#).string_or_env(None, "CARGO_PKG_LICENSE");
    json.raw(&format!(r#","manifest_version":{}"#, orket_contract::note::MANIFEST_VERSION));
    json.raw(r#","repository":"#).string_or_env(None, "CARGO_PKG_REPOSITORY");
    json.raw(r#","runtime":"#);
    match &model.runtime {
        Some(range) => json.string(range),
        None => json.hole(&quote!(Quoted(#sdk::internal::RUNTIME))),
    };
    json.raw(r#","sdk_version":"#).hole(&quote!(Quoted(#sdk::internal::SDK_VERSION)));
    json.raw(r#","version":"#).string_or_env(model.version.as_deref(), "CARGO_PKG_VERSION");
    json.raw(r#","workloads":["#).hole(&quote!(Names(IDS))).raw("]}");
    json.rendered()
}
