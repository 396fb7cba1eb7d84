//! `verify --claim`: what is proven, written down for others.

use super::super::attest::DSSE;
use super::super::sign;
use super::subject::Subject;
use crate::args::VerifyArgs;
use crate::error::Result;
use crate::host::Asked;
use crate::report::{Message, Report};
use orket_contract::digest::{Digest, domain};
use orket_engine::ExtensionManager;
use orket_engine::attest::{self, PrivateKey};
use orket_engine::verification::{Found, Tested, statement};
use std::path::PathBuf;

/// What is to be written once everything was verified.
pub(super) struct Claims {
    path: Option<PathBuf>,
    key: Option<PrivateKey>,
    ambient: bool,
    tested: Vec<Tested>,
}

impl Claims {
    /// Before anything runs: a key that cannot be used is known now.
    pub(super) fn of(args: &VerifyArgs, report: &Report) -> Result<Self> {
        let key = args.sign_key.as_deref().map(|path| sign::key(path, report)).transpose()?;
        Ok(Self { path: args.claim.clone(), key, ambient: args.ambient, tested: Vec::new() })
    }

    /// Takes what was found out about a subject.
    pub(super) fn take(
        &mut self,
        manager: &ExtensionManager,
        subject: &Subject,
        asked: &Asked,
        found: Found,
    ) -> Result<()> {
        if self.path.is_none() {
            return Ok(());
        }
        let (extension, _) = manager.find(&subject.name)?;
        let question = subject.question(asked)?;
        // An input without a canonical form was refused, so nothing is claimed of it.
        let input = Digest::within_json(domain::INPUT, &question.input).unwrap_or_else(|_| Digest::of(b""));
        let case = subject.case_name().map(|case| format!(" case {case}")).unwrap_or_default();
        self.tested.push(Tested {
            name: format!("{}{case}", subject.name),
            extension: extension.manifest().id.to_string(),
            build: extension.build(),
            input,
            seed: question.seed,
            ambient: self.ambient,
            found,
        });
        Ok(())
    }

    /// Writes the statement, and its envelope where it is signed.
    pub(super) fn write(&self, report: &Report) -> Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        let envelope = path.with_extension(DSSE.trim_start_matches('.'));
        let signed = self.key.as_ref().map(|key| (key, envelope.as_path()));
        let signer = attest::write_statement(path, &statement(&self.tested), signed)?;
        report.status("Claimed", &path.display().to_string());
        report.message(&Message::Written { path });
        if let Some(keyid) = signer {
            report.status("Signed", &format!("{} as {keyid}", envelope.display()));
            report.message(&Message::Written { path: &envelope });
        }
        Ok(())
    }
}
