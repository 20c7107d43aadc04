//! What messages of Clementine's network remote are made of: numbers and bytes, each under the number of its field.
//!
//! <https://protobuf.dev/programming-guides/encoding/>

/// A field of a message; real numbers are passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field<'a> {
    Number(u64),
    /// Text, bytes, or a message within.
    Bytes(&'a [u8]),
}

/// A message in the making.
#[derive(Default)]
pub struct Message(pub Vec<u8>);

impl Message {
    pub fn number(mut self, field: u32, value: u64) -> Self {
        self.varint(u64::from(field) << 3);
        self.varint(value);
        self
    }

    pub fn bytes(mut self, field: u32, value: &[u8]) -> Self {
        self.varint(u64::from(field) << 3 | 2);
        self.varint(value.len() as u64);
        self.0.extend(value);
        self
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

/// The fields of a message with their numbers, up to the first that cannot be read.
pub fn fields(bytes: &[u8]) -> impl Iterator<Item = (u64, Field<'_>)> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        loop {
            let key = varint(&mut rest)?;
            match key & 7 {
                0 => return Some((key >> 3, Field::Number(varint(&mut rest)?))),
                1 => drop(take(&mut rest, 8)?),
                2 => {
                    let length = varint(&mut rest)?;
                    return Some((key >> 3, Field::Bytes(take(&mut rest, length)?)));
                }
                5 => drop(take(&mut rest, 4)?),
                _ => return None,
            }
        }
    })
}

/// All fields of this number that hold bytes.
pub fn each(message: &[u8], number: u64) -> impl Iterator<Item = &[u8]> {
    fields(message).filter_map(move |(field, value)| match value {
        Field::Bytes(bytes) if field == number => Some(bytes),
        _ => None,
    })
}

/// Of several fields of one number the last one counts.
pub fn bytes(message: &[u8], number: u64) -> Option<&[u8]> {
    each(message, number).last()
}

pub fn number(message: &[u8], number: u64) -> Option<u64> {
    let found = fields(message).filter(|(field, _)| *field == number).last();
    if let Some((_, Field::Number(value))) = found { Some(value) } else { None }
}

fn take<'a>(rest: &mut &'a [u8], length: u64) -> Option<&'a [u8]> {
    let (head, tail) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    *rest = tail;
    Some(head)
}

/// Seven bits a byte, the lowest first; at most ten bytes.
fn varint(rest: &mut &[u8]) -> Option<u64> {
    let length = rest.iter().take(10).position(|byte| byte & 0x80 == 0)? + 1;
    let (head, tail) = rest.split_at(length);
    *rest = tail;
    Some(head.iter().rev().fold(0, |value, byte| value << 7 | u64::from(byte & 0x7f)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let within = Message::default().number(1, 300).bytes(200, "ü".as_bytes()).0;
        let message = Message::default().number(2, u64::MAX).bytes(25, &within).number(3, 0).0;
        let read: Vec<_> = fields(&message).collect();
        assert_eq!(read, [(2, Field::Number(u64::MAX)), (25, Field::Bytes(&within)), (3, Field::Number(0))]);
        assert_eq!((number(&within, 1), bytes(&within, 200)), (Some(300), Some("ü".as_bytes())));
        assert_eq!((number(&within, 200), bytes(&within, 1), number(&within, 7)), (None, None, None));
        assert_eq!(within[..3], [0x08, 0xac, 0x02], "the encoding's own example of 300");
    }

    #[test]
    fn real_numbers_are_passed_over_and_nonsense_ends_a_message() {
        let real = [&[0x95, 0x01][..], &[0; 4], &[0x09], &[0; 8], &[0x08, 0x07]].concat();
        assert_eq!(fields(&real).collect::<Vec<_>>(), [(1, Field::Number(7))]);
        for nonsense in [&[0xff; 30][..], &[0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f], &[0x0a, 3, 1], &[0x0b], &[0x09, 1]] {
            assert_eq!(fields(nonsense).count(), 0, "{nonsense:?}");
        }
    }
}
