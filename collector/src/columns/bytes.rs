//! Numbers and texts as bytes, and back without trust.
//!
//! Whole numbers are varints: seven bits a byte, lowest first, the top bit says that more
//! follow (protobuf's `varint`). Signed ones are zigzagged before.

/// What is wrong with bytes that were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Bad(pub(super) &'static str);

/// Appends a varint.
pub(super) fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(low_byte(number) | 0x80);
        number >>= 7;
    }
    out.push(low_byte(number));
}

/// Appends a length and the bytes.
pub(super) fn put_blob(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// The lowest byte of a number.
fn low_byte(number: u64) -> u8 {
    let [lowest, ..] = number.to_le_bytes();
    lowest
}

/// Small for numbers near zero of either sign.
pub(super) fn zigzag(number: i64) -> u64 {
    (number.cast_unsigned() << 1) ^ (number >> 63).cast_unsigned()
}

/// The reverse of [`zigzag`].
pub(super) fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}

/// From `from` to `to` as a number that is small where they are near; exact for all values.
pub(super) fn difference(from: u64, to: u64) -> u64 {
    zigzag(to.wrapping_sub(from).cast_signed())
}

/// The reverse of [`difference`].
pub(super) fn apply_difference(from: u64, difference: u64) -> u64 {
    from.wrapping_add(unzigzag(difference).cast_unsigned())
}

/// Reads from the front of bytes, never past their end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a>(&'a [u8]);

impl<'a> Source<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// What is left.
    pub(super) fn rest(self) -> &'a [u8] {
        self.0
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], Bad> {
        let (taken, rest) = self
            .0
            .split_at_checked(count)
            .ok_or(Bad("the bytes end too early"))?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn chunk<const N: usize>(&mut self) -> Result<[u8; N], Bad> {
        let (chunk, rest) = self
            .0
            .split_first_chunk::<N>()
            .ok_or(Bad("the bytes end too early"))?;
        self.0 = rest;
        Ok(*chunk)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Bad> {
        let [byte] = self.chunk::<1>()?;
        Ok(byte)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Bad> {
        Ok(u32::from_le_bytes(self.chunk()?))
    }

    #[inline]
    pub(super) fn varint(&mut self) -> Result<u64, Bad> {
        // Most numbers are below 128.
        if let [byte, rest @ ..] = self.0
            && *byte < 0x80
        {
            self.0 = rest;
            return Ok(u64::from(*byte));
        }
        self.long_varint()
    }

    fn long_varint(&mut self) -> Result<u64, Bad> {
        let mut number = 0u64;
        let mut shift = 0;
        for (index, byte) in self.0.iter().enumerate() {
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                self.take(index + 1)?;
                return Ok(number);
            }
            shift += 7;
            if shift > 63 {
                break;
            }
        }
        Err(if shift < 63 {
            Bad("the bytes end too early")
        } else {
            Bad("a number is over 64 bits")
        })
    }

    pub(super) fn varint_u32(&mut self) -> Result<u32, Bad> {
        u32::try_from(self.varint()?).map_err(|_| Bad("a number is over 32 bits"))
    }

    /// A count of things that take at least one byte each in what follows, so that a list of
    /// that many can be made.
    pub(super) fn count(&mut self) -> Result<usize, Bad> {
        let count = to_index(self.varint()?)?;
        if count > self.0.len() {
            return Err(Bad("a count is larger than what follows"));
        }
        Ok(count)
    }

    pub(super) fn blob(&mut self) -> Result<&'a [u8], Bad> {
        let count = self.count()?;
        self.take(count)
    }

    pub(super) fn text(&mut self) -> Result<&'a str, Bad> {
        std::str::from_utf8(self.blob()?).map_err(|_| Bad("a text is not UTF-8"))
    }

    /// Refuses bytes that nothing has asked for.
    pub(super) fn finish(self) -> Result<(), Bad> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Bad("bytes are left over"))
        }
    }
}

/// A number as an index on this machine.
pub(super) fn to_index(number: u64) -> Result<usize, Bad> {
    usize::try_from(number).map_err(|_| Bad("a number is too large for this machine"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_come_back(number in any::<u64>(), from in any::<u64>(), shift in 0..64u32) {
            for number in [number >> shift, u64::MAX, 0, 127, 128] {
                let mut out = Vec::new();
                put_varint(&mut out, number);
                let mut source = Source::new(&out);
                prop_assert_eq!(source.varint().unwrap(), number);
                source.finish().unwrap();
                prop_assert_eq!(apply_difference(from, difference(from, number)), number);
                prop_assert_eq!(unzigzag(zigzag(number.cast_signed())), number.cast_signed());
            }
        }
    }

    #[test]
    fn a_varint_over_64_bits_is_refused() {
        let over = [0xff; 10];
        assert!(Source::new(&over).varint().is_err());
        let over = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02];
        assert!(Source::new(&over).varint().is_err());
        assert!(Source::new(&[0x80]).varint().is_err());
    }
}
