//! A picture in memory, for as long as a look needs it.

/// Pixels of one frame. It cannot be printed, serialised or saved, and is wiped when dropped.
pub struct Frame {
    pub width: u32,
    pub height: u32,
    /// Red, green, blue, row by row from the top left; `3 * width * height` bytes.
    pub rgb: Vec<u8>,
}

impl Drop for Frame {
    fn drop(&mut self) {
        self.rgb.fill(0);
        std::hint::black_box(&self.rgb);
    }
}
