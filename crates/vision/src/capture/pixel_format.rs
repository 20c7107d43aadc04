//! The pixel formats that a look can read.

use nokhwa::utils::FrameFormat;
use v4l::FourCC;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PixelFormat {
    Yuyv,
    Uyvy,
    Yvyu,
    Nv12,
    /// Also called I420.
    Yu12,
    Mjpeg,
    Rgb,
    Bgr,
    Grey,
}

impl PixelFormat {
    /// In the order of preference for the same size and rate: the fastest and least distorted first, grey last.
    pub const ALL: [Self; 9] =
        [Self::Yuyv, Self::Uyvy, Self::Yvyu, Self::Nv12, Self::Yu12, Self::Mjpeg, Self::Rgb, Self::Bgr, Self::Grey];

    /// V4L2's code for it.
    pub fn fourcc(self) -> FourCC {
        FourCC::new(match self {
            Self::Yuyv => b"YUYV",
            Self::Uyvy => b"UYVY",
            Self::Yvyu => b"YVYU",
            Self::Nv12 => b"NV12",
            Self::Yu12 => b"YU12",
            Self::Mjpeg => b"MJPG",
            Self::Rgb => b"RGB3",
            Self::Bgr => b"BGR3",
            Self::Grey => b"GREY",
        })
    }

    pub(crate) fn from_fourcc(fourcc: FourCC) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.fourcc() == fourcc)
    }

    /// nokhwa's name for it; `None` if nokhwa cannot read it. Its `GRAY` is not a code of V4L2.
    pub fn nokhwa(self) -> Option<FrameFormat> {
        match self {
            Self::Yuyv => Some(FrameFormat::YUYV),
            Self::Nv12 => Some(FrameFormat::NV12),
            Self::Mjpeg => Some(FrameFormat::MJPEG),
            Self::Rgb => Some(FrameFormat::RAWRGB),
            Self::Bgr => Some(FrameFormat::RAWBGR),
            Self::Uyvy | Self::Yvyu | Self::Yu12 | Self::Grey => None,
        }
    }
}
