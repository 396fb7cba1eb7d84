//! The artifacts of two runs, each compared as what it is.

use super::Cut;
use super::bytes::Bytes;
use super::text::Lines;
use super::values::Values;
use crate::media::{Media, Picture, Pixel, Sample, Sound};
use orket_engine::registry::artifact::ArtifactFile;
use orket_engine::runs::RecordedRun;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// How many lines of one text are kept for each difference that is asked for.
const LINES: usize = 4;

/// An artifact that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Artifact {
    /// Its path.
    pub(crate) path: String,
    /// Its size in the first; nothing when only the second has it.
    pub(crate) left: Option<u64>,
    /// Its size in the second.
    pub(crate) right: Option<u64>,
    /// Where it differs, when both have it and its bytes are at hand.
    pub(crate) detail: Option<Detail>,
}

/// Where an artifact differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase", tag = "as")]
pub(crate) enum Detail {
    /// As JSON.
    Json(Values),
    /// As text.
    Text(Lines),
    /// As a PNG picture.
    Png {
        /// The first.
        left: Picture,
        /// The second.
        right: Picture,
        /// The first chunk that differs in type or length, by number.
        chunk: Option<usize>,
        /// The first pixel that differs.
        pixel: Option<Pixel>,
    },
    /// As sound.
    Wav {
        /// The first.
        left: Sound,
        /// The second.
        right: Sound,
        /// The first sample that differs.
        sample: Option<Sample>,
    },
    /// As bytes.
    Binary(Bytes),
}

pub(super) fn between(left: &RecordedRun, right: &RecordedRun, limit: usize) -> Cut<Artifact> {
    let (old, new) = (files(left), files(right));
    let paths: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
    let differing = paths.into_iter().filter(|path| {
        old.get(path).map(|file| (file.sha256, file.size))
            != new.get(path).map(|file| (file.sha256, file.size))
    });
    let differing: Vec<&str> = differing.collect();
    let one = |path: &&str| {
        let (left_file, right_file) = (old.get(path), new.get(path));
        let both = left_file.is_some() && right_file.is_some();
        Artifact {
            path: (*path).to_owned(),
            left: left_file.map(|file| file.size),
            right: right_file.map(|file| file.size),
            detail: if both { detail(left, right, path, limit) } else { None },
        }
    };
    Cut {
        shown: differing.iter().take(limit).map(one).collect(),
        more: differing.len().saturating_sub(limit),
    }
}

fn files(run: &RecordedRun) -> BTreeMap<&str, &ArtifactFile> {
    run.artifacts.files.iter().map(|file| (file.path.as_str(), file)).collect()
}

/// Where an artifact differs; nothing when its bytes are not at hand.
fn detail(left: &RecordedRun, right: &RecordedRun, path: &str, limit: usize) -> Option<Detail> {
    if let (Some(old), Some(new)) = (left.artifact(path), right.artifact(path))
        && Media::of(&old) == Media::of(&new)
        && let Some(detail) = of_kind(Media::of(&old), &old, &new, limit)
    {
        return Some(detail);
    }
    let (old, new) = (left.open(path).ok()?, right.open(path).ok()?);
    Bytes::between(old, new).ok()?.map(Detail::Binary)
}

fn of_kind(media: Media, old: &[u8], new: &[u8], limit: usize) -> Option<Detail> {
    match media {
        Media::Json => {
            let values = Values::between(
                &serde_json::from_slice(old).ok()?,
                &serde_json::from_slice(new).ok()?,
                limit,
            );
            // Equal values may still be written differently.
            (values.count() > 0)
                .then_some(Detail::Json(values))
                .or_else(|| of_kind(Media::Text, old, new, limit))
        }
        Media::Text => {
            let (old, new) = (std::str::from_utf8(old).ok()?, std::str::from_utf8(new).ok()?);
            Some(Detail::Text(Lines::between(old, new, limit.saturating_mul(LINES))))
        }
        Media::Png => {
            let (left, right) = (Picture::read(old)?, Picture::read(new)?);
            let (chunk, pixel) = (left.first_chunk(&right), left.first_pixel(&right));
            Some(Detail::Png { left, right, chunk, pixel })
        }
        Media::Wav => {
            let (left, right) = (Sound::read(old)?, Sound::read(new)?);
            let sample = left.first_sample(&right);
            Some(Detail::Wav { left, right, sample })
        }
        Media::Jpeg | Media::Gif | Media::Binary => None,
    }
}
