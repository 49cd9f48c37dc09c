//! Attributes on their way out of columns.

use spanwalk_model::{Attributes, KeyValue, Value};

use super::super::bytes::{Bad, Source, to_index, unzigzag};
use super::super::ints::{Ints, Offsets};
use super::super::stream::StreamReader;
use super::super::strings::Strings;
use super::super::value::read_value;
use super::Kind;

/// Gives attributes back, row by row, forwards only.
#[derive(Debug)]
pub(in crate::columns) struct AttributesReader<'a> {
    columns: Vec<ReadColumn<'a>>,
    shapes: Vec<Vec<usize>>,
    rows: Ints,
    next_row: usize,
}

#[derive(Debug)]
struct ReadColumn<'a> {
    key: &'a str,
    values: ReadValues<'a>,
    /// The value of the next row that has one.
    next: usize,
}

#[derive(Debug)]
enum ReadValues<'a> {
    Empty,
    Strings(Strings<'a>),
    Bools(&'a [u8]),
    Ints(Ints),
    Doubles(&'a [u8]),
    Bytes(Blobs<'a>),
    Nested(Blobs<'a>),
    Keyed(Blobs<'a>),
}

#[derive(Debug)]
struct Blobs<'a> {
    offsets: Offsets,
    bytes: &'a [u8],
}

impl<'a> AttributesReader<'a> {
    /// Takes the streams of `row_count` rows.
    pub(in crate::columns) fn take(
        streams: &mut StreamReader<'a>,
        row_count: usize,
    ) -> Result<Self, Bad> {
        let mut meta = Source::new(streams.take()?);
        let mut keys = Vec::new();
        for _ in 0..meta.count()? {
            keys.push(meta.text()?);
        }
        let mut declared = Vec::new();
        for _ in 0..meta.count()? {
            let key = meta.varint()?;
            let key = usize::try_from(key).ok().and_then(|key| keys.get(key));
            let key = *key.ok_or(Bad("a column has an unknown key"))?;
            declared.push((key, Kind::from_number(meta.byte()?)?));
        }
        let mut shapes = Vec::new();
        for _ in 0..meta.count()? {
            let mut shape = Vec::new();
            for _ in 0..meta.count()? {
                let column = to_index(meta.varint()?)?;
                if column >= declared.len() {
                    return Err(Bad("a shape has an unknown column"));
                }
                shape.push(column);
            }
            shapes.push(shape);
        }
        meta.finish()?;
        let rows = Ints::take(streams, row_count)?;
        let value_counts = count_values(&shapes, &rows, row_count, declared.len())?;
        let mut columns = Vec::with_capacity(declared.len());
        for ((key, kind), count) in declared.into_iter().zip(value_counts) {
            columns.push(ReadColumn {
                key,
                values: ReadValues::take(kind, streams, count)?,
                next: 0,
            });
        }
        Ok(Self {
            columns,
            shapes,
            rows,
            next_row: 0,
        })
    }

    /// The attributes of a row at or behind the next one.
    pub(in crate::columns) fn read(&mut self, row: usize) -> Result<Attributes, Bad> {
        while self.next_row < row {
            for column in shape_of(&self.shapes, &self.rows, self.next_row)? {
                if let Some(column) = self.columns.get_mut(*column) {
                    column.next += 1;
                }
            }
            self.next_row += 1;
        }
        let shape = shape_of(&self.shapes, &self.rows, row)?;
        let mut attributes = Vec::with_capacity(shape.len());
        for column in shape {
            let column = self
                .columns
                .get_mut(*column)
                .ok_or(Bad("a shape has an unknown column"))?;
            attributes.push(column.values.get(column.key, column.next)?);
            column.next += 1;
        }
        self.next_row = row + 1;
        Ok(attributes.into())
    }
}

fn shape_of<'s>(shapes: &'s [Vec<usize>], rows: &Ints, row: usize) -> Result<&'s [usize], Bad> {
    shapes
        .get(rows.get_index(row)?)
        .map(Vec::as_slice)
        .ok_or(Bad("a row has an unknown shape"))
}

/// How many values each column holds.
fn count_values(
    shapes: &[Vec<usize>],
    rows: &Ints,
    row_count: usize,
    column_count: usize,
) -> Result<Vec<usize>, Bad> {
    let mut rows_by_shape = vec![0usize; shapes.len()];
    match rows {
        Ints::Constant(shape) if row_count > 0 => {
            let known = rows_by_shape.get_mut(to_index(*shape)?);
            *known.ok_or(Bad("a row has an unknown shape"))? = row_count;
        }
        _ => {
            for row in 0..row_count {
                let known = rows_by_shape.get_mut(rows.get_index(row)?);
                *known.ok_or(Bad("a row has an unknown shape"))? += 1;
            }
        }
    }
    let mut counts = vec![0usize; column_count];
    for (shape, rows) in shapes.iter().zip(rows_by_shape) {
        for column in shape {
            if let Some(count) = counts.get_mut(*column) {
                *count = count.saturating_add(rows);
            }
        }
    }
    Ok(counts)
}

impl<'a> ReadValues<'a> {
    fn take(kind: Kind, streams: &mut StreamReader<'a>, count: usize) -> Result<Self, Bad> {
        Ok(match kind {
            Kind::Empty => Self::Empty,
            Kind::String => Self::Strings(Strings::take(streams, count)?),
            Kind::Bool => Self::Bools(streams.take_fixed(1, count)?),
            Kind::Int => Self::Ints(Ints::take(streams, count)?),
            Kind::Double => Self::Doubles(streams.take_fixed(8, count)?),
            Kind::Bytes => Self::Bytes(Blobs::take(streams, count)?),
            Kind::Nested => Self::Nested(Blobs::take(streams, count)?),
            Kind::Keyed => Self::Keyed(Blobs::take(streams, count)?),
        })
    }

    fn get(&self, key: &str, index: usize) -> Result<KeyValue, Bad> {
        let early = Bad("a column of attributes ends before its rows");
        let value = match self {
            Self::Empty => Value::Empty,
            Self::Strings(texts) => Value::String(texts.get(index)?.to_owned()),
            Self::Bools(bytes) => match bytes.get(index).ok_or(early)? {
                0 => Value::Bool(false),
                1 => Value::Bool(true),
                _ => return Err(Bad("a flag is neither true nor false")),
            },
            Self::Ints(numbers) => Value::Int(unzigzag(numbers.get(index)?)),
            Self::Doubles(bytes) => {
                let mut source = Source::new(bytes.get(index * 8..).ok_or(early)?);
                Value::Double(f64::from_bits(u64::from_le_bytes(source.chunk()?)))
            }
            Self::Bytes(blobs) => Value::Bytes(blobs.get(index)?.to_vec()),
            Self::Nested(blobs) => {
                let mut source = Source::new(blobs.get(index)?);
                let value = read_value(&mut source)?;
                source.finish()?;
                value
            }
            Self::Keyed(blobs) => {
                let mut source = Source::new(blobs.get(index)?);
                let key = source.text()?.to_owned();
                let value = read_value(&mut source)?;
                source.finish()?;
                return Ok(KeyValue { key, value });
            }
        };
        Ok(KeyValue {
            key: key.to_owned(),
            value,
        })
    }
}

impl<'a> Blobs<'a> {
    fn take(streams: &mut StreamReader<'a>, count: usize) -> Result<Self, Bad> {
        let lengths = Ints::take(streams, count)?;
        let bytes = streams.take()?;
        Ok(Self {
            offsets: Offsets::new(&lengths, count, bytes.len())?,
            bytes,
        })
    }

    fn get(&self, index: usize) -> Result<&'a [u8], Bad> {
        self.offsets
            .range(index)
            .and_then(|range| self.bytes.get(range))
            .ok_or(Bad("a column of attributes ends before its rows"))
    }
}
