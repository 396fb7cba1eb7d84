//! The meaning of `#[workload]`.

use std::collections::BTreeSet;

use orket_contract::budget::{Budget, Resource};
use orket_contract::code;
use orket_contract::material::{self, DigestFault};
use orket_contract::network::Target;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::spanned::Spanned as _;
use syn::{Attribute, FnArg, Path, ReturnType, Safety, Signature, Type, Visibility};

use super::option;
use crate::issues::Issues;
use crate::parse::{self, Given, Value};

/// The options of `#[workload]`.
pub const OPTIONS: [&str; 11] = [
    "budget",
    "capabilities",
    "crate",
    "description",
    "id",
    "materials",
    "network",
    "plan",
    "summarize",
    "validators",
    "version",
];

/// What `#[workload]` means.
pub(crate) struct Workload {
    /// Where the SDK is, if not in its usual place.
    pub(crate) sdk: Option<Path>,
    /// What it means, if it stands on a function.
    pub(crate) meaning: Option<Meaning>,
}

/// A workload, as far as its source says.
pub(crate) struct Meaning {
    pub(crate) function: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) id: String,
    pub(crate) description: String,
    pub(crate) budget: Budget,
    pub(crate) capabilities: BTreeSet<String>,
    pub(crate) materials: BTreeSet<Material>,
    pub(crate) network: BTreeSet<Target>,
    /// The type of its context, without the reference.
    pub(crate) context: Option<Type>,
    /// The type of its input, if it has one.
    pub(crate) input: Option<Type>,
    /// The type of what it gives back.
    pub(crate) output: Option<Type>,
    pub(crate) plan: Option<Path>,
    /// Names in reports, and functions.
    pub(crate) validators: Vec<(String, Path)>,
    pub(crate) summarize: Option<Path>,
    /// Its version, if it differs from the package's.
    pub(crate) version: Option<String>,
}

/// A file, or a pattern of files, that a workload reads.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Material {
    pub(crate) path: String,
    pub(crate) sha256: Option<String>,
}

/// Checks a workload.
pub(crate) fn workload(syntax: &parse::Workload, issues: &mut Issues) -> Workload {
    let options = &syntax.options;
    option::check_keys(options, &OPTIONS, issues);
    let meaning = syntax.function.as_ref().map(|function| meaning(options, function, issues));
    Workload { sdk: option::path(options, "crate", issues), meaning }
}

fn meaning(options: &[Given], function: &parse::Function, issues: &mut Issues) -> Meaning {
    let signature = &function.signature;
    check_qualifiers(signature, issues);
    let (context, input) = parameters(signature, issues);
    Meaning {
        function: signature.ident.clone(),
        visibility: function.visibility.clone(),
        cfgs: parse::cfgs(&function.attributes),
        id: id(options, &signature.ident, issues),
        description: option::description(options, issues)
            .unwrap_or_else(|| parse::description(&function.attributes)),
        budget: budget(options, issues),
        capabilities: option::capabilities(options, issues),
        materials: materials(options, issues),
        network: network(options, issues),
        context,
        input,
        output: output(signature, issues),
        plan: option::path(options, "plan", issues),
        validators: validators(options, issues),
        summarize: option::path(options, "summarize", issues),
        version: option::version(options, issues),
    }
}

/// The id that is given, or the name of the function.
pub(super) fn id(options: &[Given], function: &Ident, issues: &mut Issues) -> String {
    use syn::ext::IdentExt as _;
    if option::find(options, "id").is_none() {
        let name = function.unraw().to_string();
        option::id(&name, function.span(), issues);
        return name;
    }
    let Some(text) = option::text(options, "id", issues) else { return String::new() };
    option::id(&text.value(), text.span(), issues);
    text.value()
}

fn check_qualifiers(signature: &Signature, issues: &mut Issues) {
    let mut refuse = |span: Span, what: &str| {
        issues.report(span, code::WORKLOAD_SIGNATURE, format!("a workload cannot be {what}"));
    };
    if let Some(token) = &signature.asyncness {
        refuse(token.span, "`async`: it talks to its host in turn");
    }
    match &signature.safety {
        Safety::Unsafe(token) => refuse(token.span, "`unsafe`"),
        Safety::Safe(token) => refuse(token.span, "`safe`"),
        Safety::Default => {}
    }
    if let Some(abi) = &signature.abi {
        refuse(abi.extern_token.span, "`extern`");
    }
    if let Some(parameter) = signature.generics.params.first() {
        refuse(parameter.span(), "generic: its host knows one input type");
    }
    if let Some(clause) = &signature.generics.where_clause {
        refuse(clause.where_token.span, "generic");
    }
    if let Some(variadic) = &signature.variadic {
        refuse(variadic.span(), "variadic");
    }
}

/// Checks the parameters and gives the types of context and input.
fn parameters(signature: &Signature, issues: &mut Issues) -> (Option<Type>, Option<Type>) {
    let mut arguments = signature.inputs.iter();
    let context = match arguments.next() {
        None => {
            refuse(signature.ident.span(), "a workload takes `&mut WorkloadContext` first", issues);
            None
        }
        Some(FnArg::Receiver(receiver)) => {
            refuse(receiver.self_token.span, "a workload is a function of its own, not a method", issues);
            None
        }
        Some(FnArg::Typed(argument)) => context(&argument.ty, issues),
    };
    let input = match arguments.next() {
        Some(FnArg::Typed(argument)) => Some(input(&argument.ty, issues)),
        Some(FnArg::Receiver(_)) | None => None,
    };
    if let Some(third) = arguments.next() {
        refuse(third.span(), "a workload takes its context and one input, nothing else", issues);
    }
    (context, input)
}

fn context(ty: &Type, issues: &mut Issues) -> Option<Type> {
    match ty {
        Type::Reference(reference) if reference.mutability.is_some() => {
            if let Some(span) = anonymous(ty.to_token_stream()) {
                refuse(span, "the context of a workload is `&mut WorkloadContext`", issues);
            }
            Some((*reference.elem).clone())
        }
        _ => {
            refuse(ty.span(), "a workload takes its context as `&mut WorkloadContext`", issues);
            None
        }
    }
}

fn input(ty: &Type, issues: &mut Issues) -> Type {
    if let Some(span) = anonymous(ty.to_token_stream()) {
        refuse(span, "the input of a workload is a type with a name", issues);
    } else if let Some(span) = borrowed(ty.to_token_stream()) {
        refuse(
            span,
            "the input of a workload owns what it holds; take a `String`, a `Vec` or a struct",
            issues,
        );
    }
    ty.clone()
}

/// Where a type says `impl`.
fn anonymous(ty: TokenStream) -> Option<Span> {
    find(ty, &|token| matches!(token, TokenTree::Ident(word) if word == "impl"))
}

/// Where a type borrows: at `&`, or at a lifetime; those that begin with `&` come first.
fn borrowed(ty: TokenStream) -> Option<Span> {
    find(ty, &|token| matches!(token, TokenTree::Punct(punct) if matches!(punct.as_char(), '&' | '\'')))
}

fn find(tokens: TokenStream, wanted: &impl Fn(&TokenTree) -> bool) -> Option<Span> {
    tokens.into_iter().find_map(|token| match &token {
        TokenTree::Group(group) => find(group.stream(), wanted),
        token => wanted(token).then(|| token.span()),
    })
}

fn output(signature: &Signature, issues: &mut Issues) -> Option<Type> {
    let ReturnType::Type(_, ty) = &signature.output else {
        refuse(signature.ident.span(), "a workload returns `Result<WorkloadResult>`", issues);
        return None;
    };
    if let Some(span) = anonymous(ty.to_token_stream()) {
        refuse(span, "a workload returns `Result<WorkloadResult>`", issues);
    }
    Some((**ty).clone())
}

fn refuse(span: Span, message: &str, issues: &mut Issues) {
    issues.report_with_help(
        span,
        code::WORKLOAD_SIGNATURE,
        message,
        "write `fn name(ctx: &mut WorkloadContext, input: Input) -> Result<WorkloadResult>`",
    );
}

fn validators(options: &[Given], issues: &mut Issues) -> Vec<(String, Path)> {
    let mut found: Vec<(String, Path)> = Vec::new();
    for value in option::list(options, "validators", issues) {
        let Value::Path(path) = value else {
            issues.report(value.span(), code::OPTION_INVALID, "a validator is the path of a function");
            continue;
        };
        let name = path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        if found.iter().any(|(earlier, _)| *earlier == name) {
            let message = format!("two validators are named `{name}`, and reports could not tell them apart");
            issues.report(path.span(), code::OPTION_DUPLICATE, message);
        }
        found.push((name, path.clone()));
    }
    found
}

fn materials(options: &[Given], issues: &mut Issues) -> BTreeSet<Material> {
    let mut found: BTreeSet<Material> = BTreeSet::new();
    for value in option::list(options, "materials", issues) {
        let (text, digest) = match value {
            Value::Text(text) => (text, None),
            Value::Pinned(text, digest) => (text, Some(digest)),
            other => {
                let message = "a material is `\"path\"` or `(\"path\", sha256 = \"…\")`";
                issues.report(other.span(), code::OPTION_INVALID, message);
                continue;
            }
        };
        if let Err(fault) = material::check(&text.value()) {
            let message = format!("`{}` is not the path of a material: {fault}", text.value());
            issues.report(text.span(), code::MATERIAL_PATH, message);
        }
        if let Some(digest) = digest
            && let Err(fault) = material::check_digest(&text.value(), &digest.value())
        {
            let code = if fault == DigestFault::Pattern { code::MATERIAL_PATH } else { code::OPTION_INVALID };
            issues.report(digest.span(), code, fault.to_string());
        }
        if found.iter().any(|earlier| earlier.path == text.value()) {
            issues.report(text.span(), code::OPTION_DUPLICATE, format!("`{}` is listed twice", text.value()));
        }
        found.insert(Material { path: text.value(), sha256: digest.map(syn::LitStr::value) });
    }
    found
}

fn network(options: &[Given], issues: &mut Issues) -> BTreeSet<Target> {
    let mut found: BTreeSet<Target> = BTreeSet::new();
    for value in option::list(options, "network", issues) {
        let Value::Text(text) = value else {
            issues.report(
                value.span(),
                code::OPTION_INVALID,
                "a target is a text such as `\"example.com:443\"`",
            );
            continue;
        };
        match text.value().parse::<Target>() {
            Err(fault) => {
                let message = format!("`{}` is not a target: {fault}", text.value());
                issues.report(text.span(), code::NETWORK_TARGET, message);
            }
            Ok(target) => {
                if !found.insert(target) {
                    let message = format!("`{}` is listed twice", text.value());
                    issues.report(text.span(), code::OPTION_DUPLICATE, message);
                }
            }
        }
    }
    found
}

/// What it uses at most.
fn budget(options: &[Given], issues: &mut Issues) -> Budget {
    let mut found = Budget::default();
    let amounts = match option::find(options, "budget") {
        None => return found,
        Some(Value::Table(_, amounts)) => parse::options(amounts.clone(), issues),
        Some(other) => {
            let help = "write `budget(memory = \"64MiB\", time = \"5s\")`";
            issues.report_with_help(
                other.span(),
                code::OPTION_INVALID,
                "`budget` is a list of amounts",
                help,
            );
            return found;
        }
    };
    option::check_keys(&amounts, &Resource::ALL.map(Resource::name), issues);
    for Given { key, value } in &amounts {
        let Some(resource) = Resource::ALL.into_iter().find(|resource| key == resource.name()) else {
            continue;
        };
        let read = match value {
            Value::Text(text) => resource.read(&text.value()),
            Value::Number(number) => resource.read(number.base10_digits()),
            _ => resource.read(""),
        };
        match read.and_then(|amount| found.add(resource, amount)) {
            Ok(()) => {}
            Err(fault) => issues.report(value.span(), code::OPTION_INVALID, format!("`{resource}`: {fault}")),
        }
    }
    found
}
