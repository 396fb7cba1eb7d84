//~ include.computed: source
#[cfg(any())]
#[path = concat!("elsewhere/", "none.rs")]
mod none;
