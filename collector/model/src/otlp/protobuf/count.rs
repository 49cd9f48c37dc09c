//! Counts the items of messages whose items are not kept.

use super::super::error::DecodeError;
use super::wire::Reader;

/// Field numbers from `ExportMetricsServiceRequest` down to its data points: resource metrics,
/// scope metrics, metrics, one of the five kinds of data, data points.
const DATA_POINTS: [&[u32]; 5] = [&[1], &[2], &[2], &[5, 7, 9, 10, 11], &[1]];

/// Field numbers from `ExportProfilesServiceRequest` down to its profiles: resource profiles,
/// scope profiles, profiles.
const PROFILES: [&[u32]; 3] = [&[1], &[2], &[2]];

/// How many data points an `ExportMetricsServiceRequest` holds.
///
/// # Errors
/// Where the bytes are not such a message; what is in a data point is not looked at.
pub fn count_data_points(message: &[u8]) -> Result<u64, DecodeError> {
    count(Reader::new(message), &DATA_POINTS)
}

/// How many profiles an `ExportProfilesServiceRequest` holds.
///
/// # Errors
/// Where the bytes are not such a message; what is in a profile is not looked at.
pub fn count_profiles(message: &[u8]) -> Result<u64, DecodeError> {
    count(Reader::new(message), &PROFILES)
}

/// Counts the messages at the end of a path of field numbers. It goes as deep as the path.
fn count(mut reader: Reader<'_>, path: &[&[u32]]) -> Result<u64, DecodeError> {
    let Some((numbers, rest)) = path.split_first() else {
        return Ok(1);
    };
    let mut total = 0_u64;
    while let Some(field) = reader.next_field()? {
        if numbers.contains(&field.number) {
            total = total.saturating_add(count(field.message("ExportRequest")?, rest)?);
        }
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message with one field that is a message.
    fn within(field: u8, content: &[u8]) -> Vec<u8> {
        let length = u8::try_from(content.len()).unwrap();
        [&[field << 3 | 2, length], content].concat()
    }

    #[test]
    fn data_points_of_every_kind_are_counted() {
        let point = within(1, &[]);
        let gauge = within(2, &within(5, &[point.clone(), point.clone()].concat()));
        let histogram = within(2, &within(9, &point));
        let request = within(1, &within(2, &[gauge, histogram].concat()));
        assert_eq!(count_data_points(&request), Ok(3));
        assert_eq!(count_data_points(&[]), Ok(0));
        assert!(count_data_points(&request[..request.len() - 1]).is_err());
    }

    #[test]
    fn profiles_are_counted() {
        let profile = within(2, &[]);
        let request = within(1, &within(2, &[profile.clone(), profile].concat()));
        assert_eq!(count_profiles(&request), Ok(2));
    }
}
