//! Pictures in place of a webcam. Origin and licence: `assets/faces/README.md`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

type Pictures = [&'static [u8]; 3];

pub const HAPPY: Pictures = [
    include_bytes!("../../../assets/faces/happy/1.jpg"),
    include_bytes!("../../../assets/faces/happy/2.jpg"),
    include_bytes!("../../../assets/faces/happy/3.jpg"),
];
pub const SAD: Pictures = [
    include_bytes!("../../../assets/faces/sad/1.jpg"),
    include_bytes!("../../../assets/faces/sad/2.jpg"),
    include_bytes!("../../../assets/faces/sad/3.jpg"),
];

/// Replaces the pictures that looks read from the folder. A look at the same time reads whole pictures, old or new.
pub fn show(pictures: Pictures, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).context("cannot make the folder of pictures")?;
    for (n, picture) in pictures.iter().enumerate() {
        let (new, target) = (folder.with_extension("new"), folder.join(format!("{}.jpg", n + 1)));
        fs::write(&new, picture).and_then(|()| fs::rename(&new, &target)).context("cannot change the pictures")?;
    }
    Ok(())
}
