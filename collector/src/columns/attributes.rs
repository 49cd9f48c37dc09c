//! Attributes as columns: one per key and kind of value.
//!
//! Rows name a shape: the list of columns that their attributes are in, in the order the
//! attributes came. Each column then holds its values in row order, so that the keys are
//! written once a group and like values lie together.
//!
//! ```text
//! meta    := varint blob*                   keys
//!            varint (varint byte)*          columns: key, kind
//!            varint (varint varint*)*       shapes: column numbers
//! rows    := ints                           the shape of each row
//! columns := the streams of each column's values, by kind
//! ```
//!
//! A group has a bounded number of columns. Attributes beyond it share one, in which each
//! value stands with its key.

use std::collections::HashMap;

use spanwalk_model::{Attributes, KeyValue, Value};

use super::bytes::{Bad, Source, put_blob, put_varint, unzigzag, zigzag};
use super::format::ATTRIBUTE_COLUMNS_MAX;
use super::ints::{Ints, Offsets, push_ints};
use super::stream::{StreamReader, StreamWriter};
use super::strings::{Strings, push_strings};
use super::value::{put_value, read_value};

type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// The kind of value that a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Empty,
    String,
    Bool,
    Int,
    Double,
    Bytes,
    /// Arrays and maps.
    Nested,
    /// Values of all kinds, each with its key.
    Keyed,
}

impl Kind {
    fn of(value: &Value) -> Self {
        match value {
            Value::Empty => Self::Empty,
            Value::String(_) => Self::String,
            Value::Bool(_) => Self::Bool,
            Value::Int(_) => Self::Int,
            Value::Double(_) => Self::Double,
            Value::Bytes(_) => Self::Bytes,
            Value::Array(_) | Value::Map(_) => Self::Nested,
        }
    }

    fn number(self) -> u8 {
        match self {
            Self::Empty => 0,
            Self::String => 1,
            Self::Bool => 2,
            Self::Int => 3,
            Self::Double => 4,
            Self::Bytes => 5,
            Self::Nested => 6,
            Self::Keyed => 7,
        }
    }

    fn from_number(number: u8) -> Result<Self, Bad> {
        [
            Self::Empty,
            Self::String,
            Self::Bool,
            Self::Int,
            Self::Double,
            Self::Bytes,
            Self::Nested,
            Self::Keyed,
        ]
        .into_iter()
        .find(|kind| kind.number() == number)
        .ok_or(Bad("a column of attributes has an unknown kind"))
    }
}

/// Collects attributes row by row.
#[derive(Debug, Default)]
pub(super) struct AttributesWriter<'a> {
    columns: Vec<Column<'a>>,
    by_key: Map<(&'a str, Kind), u32>,
    keyed: Option<u32>,
    shapes: Vec<Vec<u32>>,
    by_shape: Map<Vec<u32>, u64>,
    rows: Vec<u64>,
    shape: Vec<u32>,
    cut_count: u64,
}

#[derive(Debug)]
struct Column<'a> {
    key: &'a str,
    kind: Kind,
    values: Values<'a>,
    /// The column that followed this one last time: almost always it does again, which saves
    /// looking the key up.
    follower: u32,
}

#[derive(Debug)]
enum Values<'a> {
    None,
    Strings(Vec<&'a str>),
    Ints(Vec<u64>),
    /// Entries of a fixed width.
    Fixed(Vec<u8>),
    Blobs {
        lengths: Vec<u64>,
        bytes: Vec<u8>,
    },
}

impl<'a> AttributesWriter<'a> {
    /// Adds the attributes of the next row.
    pub(super) fn push(&mut self, attributes: &'a Attributes) {
        let mut shape = std::mem::take(&mut self.shape);
        shape.clear();
        let mut before = None;
        for entry in attributes {
            let column = self.column_of(entry, before);
            self.push_value(column, entry);
            shape.push(column);
            before = Some(column);
        }
        let row = if let Some(known) = self.by_shape.get(&shape) {
            *known
        } else {
            let new = self.shapes.len() as u64;
            self.shapes.push(shape.clone());
            self.by_shape.insert(shape.clone(), new);
            new
        };
        self.rows.push(row);
        self.shape = shape;
    }

    fn column_of(&mut self, entry: &'a KeyValue, before: Option<u32>) -> u32 {
        let kind = Kind::of(&entry.value);
        let guess = before
            .and_then(|before| self.column(before))
            .map_or(0, |column| column.follower);
        if let Some(column) = self.column(guess)
            && column.kind == kind
            && column.key == entry.key
        {
            return guess;
        }
        let found = match self.by_key.get(&(entry.key.as_str(), kind)) {
            Some(known) => *known,
            None if self.columns.len() < ATTRIBUTE_COLUMNS_MAX => {
                let new = self.add_column(&entry.key, kind);
                self.by_key.insert((&entry.key, kind), new);
                new
            }
            None => match self.keyed {
                Some(keyed) => keyed,
                None => *self.keyed.insert(
                    // Not through `add_column`: `self.keyed` is borrowed.
                    {
                        let new = u32::try_from(self.columns.len()).unwrap_or(u32::MAX);
                        self.columns.push(Column::new("", Kind::Keyed));
                        new
                    },
                ),
            },
        };
        if let Some(column) = before.and_then(|before| self.column_mut(before)) {
            column.follower = found;
        }
        found
    }

    fn add_column(&mut self, key: &'a str, kind: Kind) -> u32 {
        // The number of columns is bounded far below.
        let new = u32::try_from(self.columns.len()).unwrap_or(u32::MAX);
        self.columns.push(Column::new(key, kind));
        new
    }

    fn column(&self, index: u32) -> Option<&Column<'a>> {
        self.columns.get(usize::try_from(index).ok()?)
    }

    fn column_mut(&mut self, index: u32) -> Option<&mut Column<'a>> {
        self.columns.get_mut(usize::try_from(index).ok()?)
    }

    fn push_value(&mut self, column: u32, entry: &'a KeyValue) {
        let mut cut_count = 0;
        let Some(column) = self.column_mut(column) else {
            return;
        };
        let is_keyed = column.kind == Kind::Keyed;
        match (&mut column.values, &entry.value) {
            (Values::Strings(texts), Value::String(text)) => texts.push(text),
            (Values::Ints(numbers), Value::Int(number)) => numbers.push(zigzag(*number)),
            (Values::Fixed(bytes), Value::Bool(flag)) => bytes.push(u8::from(*flag)),
            (Values::Fixed(bytes), Value::Double(number)) => {
                bytes.extend_from_slice(&number.to_bits().to_le_bytes());
            }
            (Values::Blobs { lengths, bytes }, Value::Bytes(value)) if !is_keyed => {
                lengths.push(value.len() as u64);
                bytes.extend_from_slice(value);
            }
            (Values::Blobs { lengths, bytes }, value) => {
                let start = bytes.len();
                if is_keyed {
                    put_blob(bytes, entry.key.as_bytes());
                }
                cut_count = put_value(bytes, value);
                lengths.push((bytes.len() - start) as u64);
            }
            _ => {}
        }
        self.cut_count += cut_count;
    }

    /// Writes the streams; returns how many values were nested too deeply and replaced.
    pub(super) fn finish(self, streams: &mut StreamWriter) -> u64 {
        streams.push(self.meta());
        push_ints(streams, &self.rows);
        for column in self.columns {
            match column.values {
                Values::None => {}
                Values::Strings(texts) => push_strings(streams, &texts),
                Values::Ints(numbers) => push_ints(streams, &numbers),
                Values::Fixed(bytes) => streams.push(bytes),
                Values::Blobs { lengths, bytes } => {
                    push_ints(streams, &lengths);
                    streams.push(bytes);
                }
            }
        }
        self.cut_count
    }

    fn meta(&self) -> Vec<u8> {
        let mut keys: Vec<&str> = Vec::new();
        let mut key_numbers: Map<&str, u64> = Map::default();
        let mut columns = Vec::new();
        for column in &self.columns {
            let number = *key_numbers.entry(column.key).or_insert_with(|| {
                keys.push(column.key);
                keys.len() as u64 - 1
            });
            put_varint(&mut columns, number);
            columns.push(column.kind.number());
        }
        let mut out = Vec::new();
        put_varint(&mut out, keys.len() as u64);
        for key in keys {
            put_blob(&mut out, key.as_bytes());
        }
        put_varint(&mut out, self.columns.len() as u64);
        out.extend(columns);
        put_varint(&mut out, self.shapes.len() as u64);
        for shape in &self.shapes {
            put_varint(&mut out, shape.len() as u64);
            for column in shape {
                put_varint(&mut out, u64::from(*column));
            }
        }
        out
    }
}

impl<'a> Column<'a> {
    fn new(key: &'a str, kind: Kind) -> Self {
        Self {
            key,
            kind,
            values: match kind {
                Kind::Empty => Values::None,
                Kind::String => Values::Strings(Vec::new()),
                Kind::Int => Values::Ints(Vec::new()),
                Kind::Bool | Kind::Double => Values::Fixed(Vec::new()),
                Kind::Bytes | Kind::Nested | Kind::Keyed => Values::Blobs {
                    lengths: Vec::new(),
                    bytes: Vec::new(),
                },
            },
            follower: u32::MAX,
        }
    }
}

/// Gives attributes back, row by row, forwards only.
#[derive(Debug)]
pub(super) struct AttributesReader<'a> {
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
    pub(super) fn take(streams: &mut StreamReader<'a>, row_count: usize) -> Result<Self, Bad> {
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
                let column = super::bytes::to_index(meta.varint()?)?;
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
    pub(super) fn read(&mut self, row: usize) -> Result<Attributes, Bad> {
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
            let known = rows_by_shape.get_mut(super::bytes::to_index(*shape)?);
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
