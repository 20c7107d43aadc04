//! Text in UTF-8 that was stored as if it were Latin-1 or Windows-1252, and shows as "BjÃ¶rk".

use std::borrow::Cow;

/// What Windows-1252 has at 0x80 to 0x9f; a space: nothing.
const WINDOWS: &str = "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ";
/// Some programs did it twice.
const MOST_TIMES: usize = 2;

/// The text as it was meant, where its bytes are UTF-8 beyond doubt; else as it is.
pub fn mend(text: &str) -> Cow<'_, str> {
    let mut mended = Cow::Borrowed(text);
    for _ in 0..MOST_TIMES {
        match mend_once(&mended) {
            Some(better) => mended = Cow::Owned(better),
            None => break,
        }
    }
    mended
}

/// `None`: it is no UTF-8, or plain ASCII.
fn mend_once(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let bytes: Vec<u8> = text.chars().map(byte).collect::<Option<_>>()?;
    String::from_utf8(bytes).ok()
}

fn byte(c: char) -> Option<u8> {
    let windows = || WINDOWS.chars().position(|other| other == c && c != ' ').map(|at| 0x80 + at as u32);
    let code = if (c as u32) < 0x100 { Some(c as u32) } else { windows() };
    code.and_then(|code| u8::try_from(code).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn as_latin1(text: &str) -> String {
        text.bytes().map(char::from).collect()
    }

    #[test]
    fn utf8_that_was_read_as_another_encoding_is_mended() {
        for text in ["Björk", "Sigur Rós – Hoppípolla", "椎名林檎", "Кино", "AC⚡DC"] {
            assert_eq!(mend(&as_latin1(text)), text);
            assert_eq!(mend(&as_latin1(&as_latin1(text))), text, "twice");
        }
        assert_eq!(mend("BjÃ¶rk"), "Björk");
        assert_eq!(mend("Itâ€™s"), "It’s");
    }

    #[test]
    fn other_text_stays_as_it_is() {
        for text in ["Björk", "Motörhead", "ÄÖÜ", "Ã la carte", "椎名林檎", "Кино", "plain", "", "naïve café"]
        {
            assert_eq!(mend(text), text);
        }
    }
}
