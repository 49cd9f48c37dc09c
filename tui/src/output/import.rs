//! What became of imported files.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Line, Look};
use crate::import::{FileReport, ImportReport};
use crate::text::number::{count, counted};

/// Columns of the names at the left.
const NAME_COLUMNS: usize = 16;

/// The report for people, file by file.
pub fn lines(report: &ImportReport, look: &Look) -> Vec<Line> {
    let mut lines: Vec<Line> = report
        .files
        .iter()
        .flat_map(|file| file_lines(file, look))
        .collect();
    if report.files.len() > 1 {
        let problems = report.files.iter().filter(|file| file.problem.is_some());
        let total = format!(
            "{}: {} stored, {} already there, {} with problems",
            counted(report.files.len() as u64, "file"),
            counted(report.stored_count(), "item"),
            count(report.known_count()),
            count(problems.count() as u64),
        );
        lines.push(Line::new().text(&total, look.theme.strong()));
    }
    lines
}

fn file_lines(file: &FileReport, look: &Look) -> Vec<Line> {
    let theme = look.theme;
    let mut head = Line::new().text(&file.path.display().to_string(), theme.strong());
    if let Some(format) = file.format {
        head.push(&format!("  {format}"), theme.dim());
    }
    let mut lines = vec![head];
    let mut add = |name: &str, text: &str, style| {
        let mut line = Line::new().text(&format!("  {name}"), theme.dim());
        line.fill_to(NAME_COLUMNS);
        line.push(text, style);
        lines.push(line);
    };
    let read = format!(
        "{}, {}",
        counted(file.span_count, "span"),
        counted(file.log_count, "log record")
    );
    add("read", &read, theme.text());
    add("stored", &counted(file.stored_count, "item"), theme.text());
    if file.known_count > 0 {
        let known = counted(file.known_count, "item");
        add("already there", &known, theme.text());
    }
    if file.metric_count > 0 {
        let metrics = counted(file.metric_count, "metric");
        add(
            "passed over",
            &format!("{metrics}: metrics are not kept"),
            theme.text(),
        );
    }
    for (reason, number) in &file.issues.rejected {
        add(
            "rejected",
            &format!("{}: {reason}", count(*number)),
            theme.warning(),
        );
    }
    for (reason, number) in &file.refused {
        add(
            "rejected",
            &format!("{}: {reason}", count(*number)),
            theme.warning(),
        );
    }
    for (reason, number) in &file.issues.warnings {
        add(
            "mended",
            &format!("{}: {reason}", count(*number)),
            theme.text(),
        );
    }
    if file.bad_line_count > 0 {
        add(
            "unreadable",
            &counted(file.bad_line_count, "line"),
            theme.warning(),
        );
    }
    if let Some(problem) = &file.problem {
        add("problem", &problem.to_string(), theme.error());
    }
    lines
}

/// The report for programs.
#[derive(Debug, Serialize)]
pub struct ImportJson {
    /// Whether every file was read to its end.
    complete: bool,
    /// Items stored.
    stored: u64,
    /// Items that were there already.
    already_there: u64,
    files: Vec<FileJson>,
}

#[derive(Debug, Serialize)]
struct FileJson {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<String>,
    spans: u64,
    log_records: u64,
    /// Metrics passed over.
    metrics: u64,
    stored: u64,
    already_there: u64,
    rejected: BTreeMap<String, u64>,
    mended: BTreeMap<String, u64>,
    unreadable_lines: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

impl From<&ImportReport> for ImportJson {
    fn from(report: &ImportReport) -> Self {
        Self {
            complete: report.is_complete(),
            stored: report.stored_count(),
            already_there: report.known_count(),
            files: report.files.iter().map(FileJson::from).collect(),
        }
    }
}

impl From<&FileReport> for FileJson {
    fn from(file: &FileReport) -> Self {
        let issues = &file.issues;
        let mut rejected = file.refused.clone();
        for (reason, number) in &issues.rejected {
            *rejected.entry(reason.as_str().to_owned()).or_default() += number;
        }
        let mended = issues.warnings.iter();
        Self {
            path: file.path.display().to_string(),
            format: file.format.map(|format| format.to_string()),
            spans: file.span_count,
            log_records: file.log_count,
            metrics: file.metric_count,
            stored: file.stored_count,
            already_there: file.known_count,
            rejected,
            mended: mended
                .map(|(reason, number)| (reason.as_str().to_owned(), *number))
                .collect(),
            unreadable_lines: file.bad_line_count,
            problem: file.problem.as_ref().map(ToString::to_string),
        }
    }
}
