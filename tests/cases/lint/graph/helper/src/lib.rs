//! Depends on what no extension may reach.
