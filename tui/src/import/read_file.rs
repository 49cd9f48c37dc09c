//! One file from its first byte to its last, as chunks.

use std::io;
use std::path::Path;

use spanwalk_model::batch::item_count;
use spanwalk_model::foreign::{jaeger, zipkin};
use spanwalk_model::otlp::{DecodeError, Decoded, json};
use spanwalk_model::{Batch, LogBatch, Span, SpanBatch};

use super::chunk::{Chunk, Chunker};
use super::error::{FileProblem, Place};
use super::limits::{DOCUMENT_BYTES_MAX, LINE_BYTES_MAX, SNIFF_BYTES};
use super::protobuf_file::{self, Part};
use super::report::FileReport;
use super::sniff::{Format, describe, format_of};
use super::source::Source;

/// Reads a file and hands its chunks to `emit`, until that answers `false`. What is wrong
/// with the file stands in the report.
pub(super) fn read_file(path: &Path, emit: &mut dyn FnMut(Chunk) -> bool) -> FileReport {
    let mut report = FileReport::new(path.to_owned());
    match Source::open(path) {
        Err(problem) => report.note(problem),
        Ok(source) => {
            let mut reading = Reading {
                source,
                chunker: Chunker::default(),
                report,
                emit,
                is_wanted: true,
            };
            reading.read();
            report = reading.finish();
        }
    }
    report
}

/// Decodes a document as far as it can be read.
type DecodeStart = fn(&[u8]) -> (Decoded<Span>, Option<DecodeError>);

/// The state of reading one file.
struct Reading<'e> {
    source: Source,
    chunker: Chunker,
    report: FileReport,
    emit: &'e mut dyn FnMut(Chunk) -> bool,
    /// Whether chunks are still taken.
    is_wanted: bool,
}

impl Reading<'_> {
    fn read(&mut self) {
        let front = self.source.front(SNIFF_BYTES);
        self.report.format = format_of(&front);
        let Some(format) = self.report.format else {
            let mut nothing = Vec::new();
            if let (true, Err(error)) = (front.is_empty(), self.source.read_some(&mut nothing, 1)) {
                self.note_io(Place::Byte(0), error);
            } else if front.trim_ascii().is_empty() {
                self.report.note(FileProblem::Empty);
            } else {
                let begins = describe(front.trim_ascii_start());
                self.report.note(FileProblem::UnknownFormat { begins });
            }
            return;
        };
        match format {
            Format::OtlpJson => self.read_otlp_json(),
            Format::OtlpProtobuf => self.read_protobuf(protobuf_file::next_field),
            Format::OtlpProtobufFramed => self.read_protobuf(protobuf_file::next_frame),
            Format::Jaeger => self.read_document(jaeger::decode_start),
            Format::Zipkin => self.read_document(zipkin::decode_start),
        }
    }

    /// Lines of one object each; or one object over many lines, which shows where the first
    /// line is not complete and is not the only one.
    fn read_otlp_json(&mut self) {
        let mut line = Vec::new();
        let mut number = 0u64;
        while self.is_wanted {
            line.clear();
            number += 1;
            let read = self.source.read_line(&mut line, LINE_BYTES_MAX);
            let at_end = !line.ends_with(b"\n");
            match read {
                Ok(true) if line.is_empty() => return,
                Ok(true) => {}
                Ok(false) => {
                    self.report.note(FileProblem::LongLine(Place::Line(number)));
                    return;
                }
                Err(error) => {
                    self.take_line(&line, number, true);
                    self.note_io(Place::Line(number), error);
                    return;
                }
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            let (document, error) = json::decode_document_start(&line);
            let is_cut = error.as_ref().is_some_and(DecodeError::is_cut);
            if is_cut && !at_end && self.report.item_count() == 0 && self.report.bad_line_count == 0
            {
                self.read_whole_document(line);
                return;
            }
            self.take_document(document, error, Place::Line(number), at_end);
        }
    }

    /// The rest of a file whose object began with these bytes.
    fn read_whole_document(&mut self, mut text: Vec<u8>) {
        let Some(ended) = self.read_all(&mut text) else {
            return;
        };
        let (document, error) = json::decode_document_start(&text);
        let place = error
            .as_ref()
            .map_or(Place::Byte(0), |error| place_in(&text, error));
        self.take_document(document, error, place, true);
        self.note_end(ended, text.len());
    }

    /// Jaeger and Zipkin: one JSON value.
    fn read_document(&mut self, decode: DecodeStart) {
        let mut text = Vec::new();
        let Some(ended) = self.read_all(&mut text) else {
            return;
        };
        let (decoded, error) = decode(&text);
        self.report.issues.absorb(&decoded.issues);
        self.take_spans(decoded.groups);
        if let Some(error) = error {
            self.report.bad_line_count += 1;
            self.note_error(place_in(&text, &error), error, true);
        }
        self.note_end(ended, text.len());
    }

    /// Reads all that is left; `None` where that is too much. Damage at the end leaves what
    /// came before it, and is given back.
    fn read_all(&mut self, text: &mut Vec<u8>) -> Option<io::Result<()>> {
        match self.source.read_rest(text, DOCUMENT_BYTES_MAX) {
            Ok(true) => Some(Ok(())),
            Ok(false) => {
                self.report.note(FileProblem::LongDocument);
                None
            }
            Err(error) => Some(Err(error)),
        }
    }

    fn note_end(&mut self, ended: io::Result<()>, length: usize) {
        if let Err(error) = ended {
            self.note_io(Place::Byte(length as u64), error);
        }
    }

    fn read_protobuf(&mut self, next: fn(&mut Source, &mut Vec<u8>) -> io::Result<Part>) {
        let mut message = Vec::new();
        let mut offset = 0u64;
        while self.is_wanted {
            let place = Place::Byte(offset);
            match next(&mut self.source, &mut message) {
                Err(error) => return self.note_io(place, error),
                Ok(Part::End) => return,
                Ok(Part::Cut) => return self.note_cut(place),
                Ok(Part::TooLong) => return self.report.note(FileProblem::LongLine(place)),
                Ok(Part::NotOtlp) => {
                    let offset = usize::try_from(offset).unwrap_or(usize::MAX);
                    return self.note_error(place, DecodeError::Tag { offset }, false);
                }
                Ok(Part::Message) => {}
            }
            offset = self.source.passed_bytes();
            match protobuf_file::decode(&message) {
                Ok((batch, issues)) => {
                    self.report.issues.absorb(&issues);
                    match batch {
                        Batch::Spans(spans) => self.take_spans(spans),
                        Batch::Logs(logs) => self.take_logs(logs),
                    }
                }
                Err(error) => {
                    self.report.bad_line_count += 1;
                    self.note_error(place, error, false);
                }
            }
        }
    }

    /// Hands over what is left.
    fn finish(mut self) -> FileReport {
        let read_bytes = self.source.read_bytes();
        let mut emit = |chunk| self.is_wanted = self.is_wanted && (self.emit)(chunk);
        self.chunker.finish(read_bytes, &mut emit);
        // What stands behind a bad line was read as well.
        let total = self.report.item_count();
        if let Some(
            FileProblem::Malformed { item_count, .. } | FileProblem::NotOtlp { item_count, .. },
        ) = &mut self.report.problem
        {
            *item_count = total;
        }
        self.report
    }

    /// The last line, which an error cut.
    fn take_line(&mut self, line: &[u8], number: u64, at_end: bool) {
        if !line.trim_ascii().is_empty() {
            let (document, error) = json::decode_document_start(line);
            self.take_document(document, error, Place::Line(number), at_end);
        }
    }

    fn take_document(
        &mut self,
        document: json::Document,
        error: Option<DecodeError>,
        place: Place,
        at_end: bool,
    ) {
        self.report.issues.absorb(&document.issues);
        self.report.metric_count += document.metric_count;
        if error.is_none() && !document.is_otlp {
            self.report.bad_line_count += 1;
            let item_count = self.report.item_count();
            self.report.note(FileProblem::NotOtlp { place, item_count });
        }
        self.take_spans(document.spans);
        self.take_logs(document.logs);
        if let Some(error) = error {
            self.report.bad_line_count += 1;
            self.note_error(place, error, at_end);
        }
    }

    fn take_spans(&mut self, spans: SpanBatch) {
        self.report.span_count += item_count(&spans) as u64;
        let read_bytes = self.source.read_bytes();
        let mut emit = |chunk| self.is_wanted = self.is_wanted && (self.emit)(chunk);
        self.chunker.push_spans(spans, read_bytes, &mut emit);
    }

    fn take_logs(&mut self, logs: LogBatch) {
        self.report.log_count += item_count(&logs) as u64;
        let read_bytes = self.source.read_bytes();
        let mut emit = |chunk| self.is_wanted = self.is_wanted && (self.emit)(chunk);
        self.chunker.push_logs(logs, read_bytes, &mut emit);
    }

    fn note_error(&mut self, place: Place, error: DecodeError, at_end: bool) {
        if error.is_cut() && at_end {
            self.note_cut(place);
        } else {
            let item_count = self.report.item_count();
            self.report.note(FileProblem::Malformed {
                place,
                error,
                item_count,
            });
        }
    }

    fn note_cut(&mut self, place: Place) {
        let item_count = self.report.item_count();
        self.report.note(FileProblem::Cut { place, item_count });
    }

    fn note_io(&mut self, place: Place, error: io::Error) {
        let item_count = self.report.item_count();
        match error.kind() {
            io::ErrorKind::UnexpectedEof => self.note_cut(place),
            _ => self.report.note(FileProblem::Damaged {
                place,
                error,
                item_count,
            }),
        }
    }
}

/// The line that an error stands in.
fn place_in(text: &[u8], error: &DecodeError) -> Place {
    let DecodeError::Json { offset, .. } = error else {
        return Place::Byte(0);
    };
    let before = text.get(..*offset).unwrap_or(text);
    Place::Line(before.split(|byte| *byte == b'\n').count() as u64)
}
