//! How each shell comes from `cargo orket …` to our completion, past whoever completes `cargo`.

/// Asks us after `orket`, and whoever completed `cargo` before for everything else.
pub(super) const BASH: &str = r#"
if declare -F _comp_load >/dev/null; then
    _comp_load cargo
elif declare -F _completion_loader >/dev/null; then
    _completion_loader cargo
fi
if [[ $(complete -p cargo 2>/dev/null) =~ -F\ ([^ ]+) && ${BASH_REMATCH[1]} != _cargo_with_orket ]]; then
    __cargo_before_orket=${BASH_REMATCH[1]}
fi
_cargo_with_orket() {
    if [[ $COMP_CWORD -gt 1 && ${COMP_WORDS[1]} == orket ]]; then
        _clap_complete_cargo_orket "$@"
    elif [[ -n $__cargo_before_orket ]]; then
        "$__cargo_before_orket" "$@"
    elif [[ $COMP_CWORD -eq 1 ]]; then
        COMPREPLY=($(compgen -W orket -- "$2"))
    fi
}
complete -o bashdefault -o default -F _cargo_with_orket cargo
"#;

/// Cargo's own completion calls `_cargo-NAME` for subcommands that it does not know; without it there is a small one.
pub(super) const ZSH: &str = r#"
function _cargo-orket() {
    words=(cargo "${words[@]}")
    (( CURRENT += 1 ))
    _clap_dynamic_completer_cargo_orket
}
function _cargo_with_orket() {
    if (( CURRENT > 2 )) && [[ $words[2] == orket ]]; then
        _clap_dynamic_completer_cargo_orket
    elif (( CURRENT == 2 )); then
        compadd orket
    fi
}
if (( ! ${+_comps[cargo]} )); then
    compdef _cargo_with_orket cargo
fi
"#;

/// fish merges what several definitions of one command offer.
pub(super) fn fish(variable: &str, program: &str) -> String {
    let program = program.replace('\\', r"\\").replace('\'', r"\'").replace('"', "\\\"").replace('$', r"\$");
    let words = "(commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token)";
    format!(
        "complete --command cargo --condition __fish_use_subcommand --arguments orket --no-files\n\
         complete --keep-order --no-files --command cargo --condition '__fish_seen_subcommand_from orket' \
         --arguments \"({variable}=fish '{program}' -- {words})\"\n"
    )
}
