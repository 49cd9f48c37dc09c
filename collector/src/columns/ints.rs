//! A column of whole numbers.
//!
//! ```text
//! ints := 0 varint            every row has this number
//!       | 1 varint*           one number a row
//! ```

use super::bytes::{Bad, Source, put_varint, to_index};
use super::stream::{StreamReader, StreamWriter};

const CONSTANT: u8 = 0;
const EACH: u8 = 1;

/// Appends the numbers.
pub(super) fn put_ints(out: &mut Vec<u8>, numbers: &[u64]) {
    let first = numbers.first().copied().unwrap_or(0);
    if numbers.iter().all(|number| *number == first) {
        out.push(CONSTANT);
        put_varint(out, first);
        return;
    }
    out.reserve(numbers.len() * 2);
    out.push(EACH);
    for number in numbers {
        put_varint(out, *number);
    }
}

/// Writes the numbers as a stream of their own.
pub(super) fn push_ints(streams: &mut StreamWriter, numbers: &[u64]) {
    let mut out = Vec::new();
    put_ints(&mut out, numbers);
    streams.push(out);
}

/// Numbers that were read.
#[derive(Debug, Clone)]
pub(super) enum Ints {
    /// The same in every row.
    Constant(u64),
    /// One a row.
    Each(Vec<u64>),
}

impl Ints {
    /// Reads `count` numbers.
    pub(super) fn read(source: &mut Source<'_>, count: usize) -> Result<Self, Bad> {
        match source.byte()? {
            CONSTANT => Ok(Self::Constant(source.varint()?)),
            EACH => {
                if count > source.rest().len() {
                    return Err(Bad("a column has fewer numbers than rows"));
                }
                let mut numbers = Vec::with_capacity(count);
                for _ in 0..count {
                    numbers.push(source.varint()?);
                }
                Ok(Self::Each(numbers))
            }
            _ => Err(Bad("a column of numbers has an unknown form")),
        }
    }

    /// Takes a stream of `count` numbers.
    pub(super) fn take(streams: &mut StreamReader<'_>, count: usize) -> Result<Self, Bad> {
        let mut source = Source::new(streams.take()?);
        let ints = Self::read(&mut source, count)?;
        source.finish()?;
        Ok(ints)
    }

    /// The number of a row.
    pub(super) fn get(&self, row: usize) -> Result<u64, Bad> {
        match self {
            Self::Constant(number) => Ok(*number),
            Self::Each(numbers) => numbers
                .get(row)
                .copied()
                .ok_or(Bad("a column ends before its rows")),
        }
    }

    /// The number of a row, where it must fit 32 bits.
    pub(super) fn get_u32(&self, row: usize) -> Result<u32, Bad> {
        u32::try_from(self.get(row)?).map_err(|_| Bad("a number is over 32 bits"))
    }

    /// The number of a row as an index.
    pub(super) fn get_index(&self, row: usize) -> Result<usize, Bad> {
        to_index(self.get(row)?)
    }

    /// The zigzagged number of a row, where it must fit 32 bits.
    pub(super) fn get_i32(&self, row: usize) -> Result<i32, Bad> {
        i32::try_from(super::bytes::unzigzag(self.get(row)?))
            .map_err(|_| Bad("a number is over 32 bits"))
    }
}

/// Where each of many neighbours begins, told by their lengths.
#[derive(Debug, Clone)]
pub(super) enum Offsets {
    /// All have the same length.
    Even(usize),
    /// The end of each.
    Ends(Vec<usize>),
}

impl Offsets {
    /// From `count` lengths whose sum must be `total`.
    pub(super) fn new(lengths: &Ints, count: usize, total: usize) -> Result<Self, Bad> {
        let wrong = Bad("lengths do not sum up to what there is");
        match lengths {
            Ints::Constant(length) => {
                let length = to_index(*length)?;
                if length.checked_mul(count) != Some(total) {
                    return Err(wrong);
                }
                Ok(Self::Even(length))
            }
            Ints::Each(lengths) => {
                let mut end = 0usize;
                let mut ends = Vec::with_capacity(lengths.len());
                for length in lengths {
                    end = end.checked_add(to_index(*length)?).ok_or(wrong)?;
                    ends.push(end);
                }
                if end != total || ends.len() != count {
                    return Err(wrong);
                }
                Ok(Self::Ends(ends))
            }
        }
    }

    /// Where one lies.
    pub(super) fn range(&self, index: usize) -> Option<std::ops::Range<usize>> {
        match self {
            Self::Even(length) => {
                let start = index.checked_mul(*length)?;
                Some(start..start.checked_add(*length)?)
            }
            Self::Ends(ends) => {
                let start = match index.checked_sub(1) {
                    None => 0,
                    Some(before) => *ends.get(before)?,
                };
                Some(start..*ends.get(index)?)
            }
        }
    }
}
