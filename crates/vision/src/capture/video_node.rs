//! One open `/dev/video<index>`, single-planar or multi-planar.
//!
//! The v4l crate supports single-planar buffers only and drops unknown capability flags. The requests that depend on the
//! kind of buffer are therefore made here.

use std::io;
use std::mem::zeroed;

use v4l::frameinterval::FrameInterval;
use v4l::framesize::FrameSize;
use v4l::v4l_sys::{
    V4L2_CAP_DEVICE_CAPS, V4L2_CAP_STREAMING, V4L2_CAP_VIDEO_CAPTURE, V4L2_CAP_VIDEO_CAPTURE_MPLANE, v4l2_capability,
    v4l2_fmtdesc, v4l2_format, v4l2_streamparm,
};
use v4l::v4l2::{self, vidioc};
use v4l::video::Capture;
use v4l::{Device, FourCC};

/// Set if a program such as libcamera must set up the media pipeline; the node alone delivers no pictures. Older headers do
/// not have this flag.
const CAP_IO_MC: u32 = 0x2000_0000;

/// `V4L2_BUF_TYPE_…`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum BufferKind {
    SinglePlanar = 1,
    MultiPlanar = 9,
}

pub struct VideoNode {
    device: Device,
    /// Name of the driver, e.g. `uvcvideo`.
    pub driver: String,
    /// The driver's name for the camera.
    pub card: String,
    /// `None` if it delivers no pictures.
    pub kind: Option<BufferKind>,
    /// Whether it is the raw node of a sensor, which needs libcamera to deliver pictures.
    pub raw: bool,
}

/// A picture format and its memory layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub fourcc: FourCC,
    pub width: u32,
    pub height: u32,
    /// Bytes from one row to the next; 0 for a format without rows.
    pub stride: u32,
}

impl VideoNode {
    pub fn open(index: u32) -> io::Result<Self> {
        let device = Device::new(index as usize)?;
        // SAFETY: plain data; all zeroes is a value of it.
        let mut capability: v4l2_capability = unsafe { zeroed() };
        call(&device, vidioc::VIDIOC_QUERYCAP, &mut capability)?;
        let flags = own_flags(&capability);
        let (kind, raw) = (buffer_kind(flags), flags & CAP_IO_MC != 0);
        Ok(Self { device, driver: text(&capability.driver), card: text(&capability.card), kind, raw })
    }

    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The formats that it offers, in the driver's order.
    pub fn formats(&self) -> Vec<FourCC> {
        let Some(kind) = self.kind else { return Vec::new() };
        let format = |index| {
            // SAFETY: plain data; all zeroes is a value of it.
            let mut it = v4l2_fmtdesc { index, type_: kind as u32, ..unsafe { zeroed() } };
            call(&self.device, vidioc::VIDIOC_ENUM_FMT, &mut it).ok().map(|()| FourCC::from(it.pixelformat))
        };
        // A limit, because a driver may never report the end of the list.
        (0..64).map_while(format).collect()
    }

    pub fn sizes(&self, fourcc: FourCC) -> io::Result<Vec<FrameSize>> {
        self.device.enum_framesizes(fourcc)
    }

    pub fn intervals(&self, fourcc: FourCC, width: u32, height: u32) -> io::Result<Vec<FrameInterval>> {
        self.device.enum_frameintervals(fourcc, width, height)
    }

    pub fn layout(&self) -> io::Result<Layout> {
        let mut it = self.format_request()?;
        call(&self.device, vidioc::VIDIOC_G_FMT, &mut it)?;
        Ok(self.read_layout(&it))
    }

    /// Requests a format and returns the one that the driver has set.
    pub fn set_layout(&self, wanted: &Layout) -> io::Result<Layout> {
        let mut it = self.format_request()?;
        if self.kind == Some(BufferKind::MultiPlanar) {
            it.fmt.pix_mp.width = wanted.width;
            it.fmt.pix_mp.height = wanted.height;
            it.fmt.pix_mp.pixelformat = wanted.fourcc.into();
            it.fmt.pix_mp.num_planes = 1;
        } else {
            it.fmt.pix.width = wanted.width;
            it.fmt.pix.height = wanted.height;
            it.fmt.pix.pixelformat = wanted.fourcc.into();
        }
        call(&self.device, vidioc::VIDIOC_S_FMT, &mut it)?;
        Ok(self.read_layout(&it))
    }

    /// Requests a frame interval and returns the one that the driver has set, as a fraction of a second.
    pub fn set_interval(&self, wanted: (u32, u32)) -> io::Result<(u32, u32)> {
        let request = self.kind.ok_or(io::ErrorKind::Unsupported)? as u32;
        // SAFETY: plain data; all zeroes is a value of it.
        let mut it = v4l2_streamparm { type_: request, ..unsafe { zeroed() } };
        it.parm.capture.timeperframe.numerator = wanted.0;
        it.parm.capture.timeperframe.denominator = wanted.1;
        // Some drivers have one rate and cannot set it.
        call(&self.device, vidioc::VIDIOC_S_PARM, &mut it)
            .or_else(|_| call(&self.device, vidioc::VIDIOC_G_PARM, &mut it))?;
        // SAFETY: the driver filled in the answer for a device that captures.
        let interval = unsafe { it.parm.capture.timeperframe };
        Ok((interval.numerator, interval.denominator))
    }

    fn format_request(&self) -> io::Result<v4l2_format> {
        let kind = self.kind.ok_or(io::ErrorKind::Unsupported)?;
        // SAFETY: plain data; all zeroes is a value of it.
        Ok(v4l2_format { type_: kind as u32, ..unsafe { zeroed() } })
    }

    fn read_layout(&self, it: &v4l2_format) -> Layout {
        if self.kind == Some(BufferKind::MultiPlanar) {
            // SAFETY: the field of the union that belongs to this kind of buffer.
            let pix = unsafe { it.fmt.pix_mp };
            let stride = pix.plane_fmt[0].bytesperline;
            Layout { fourcc: pix.pixelformat.into(), width: pix.width, height: pix.height, stride }
        } else {
            // SAFETY: as above.
            let pix = unsafe { it.fmt.pix };
            let stride = pix.bytesperline;
            Layout { fourcc: pix.pixelformat.into(), width: pix.width, height: pix.height, stride }
        }
    }
}

/// Runs one ioctl on the device.
pub fn call<T>(device: &Device, request: vidioc::_IOC_TYPE, argument: &mut T) -> io::Result<()> {
    // SAFETY: each caller passes the structure that belongs to the request.
    unsafe { v4l2::ioctl(device.handle().fd(), request, std::ptr::from_mut(argument).cast()) }
}

/// `capabilities` also names what the other nodes of the same camera can do; `device_caps` is about this one.
fn own_flags(capability: &v4l2_capability) -> u32 {
    let own = capability.capabilities & V4L2_CAP_DEVICE_CAPS != 0;
    if own { capability.device_caps } else { capability.capabilities }
}

fn buffer_kind(flags: u32) -> Option<BufferKind> {
    if flags & CAP_IO_MC != 0 || flags & V4L2_CAP_STREAMING == 0 {
        None
    } else if flags & V4L2_CAP_VIDEO_CAPTURE != 0 {
        Some(BufferKind::SinglePlanar)
    } else if flags & V4L2_CAP_VIDEO_CAPTURE_MPLANE != 0 {
        Some(BufferKind::MultiPlanar)
    } else {
        None
    }
}

fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind_of(capabilities: u32, device_caps: u32) -> Option<BufferKind> {
        // SAFETY: plain data; all zeroes is a value of it.
        buffer_kind(own_flags(&v4l2_capability { capabilities, device_caps, ..unsafe { zeroed() } }))
    }

    #[test]
    fn only_capabilities_of_the_node_itself_count() {
        let camera = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
        let planar = V4L2_CAP_VIDEO_CAPTURE_MPLANE | V4L2_CAP_STREAMING;
        let all = camera | V4L2_CAP_DEVICE_CAPS;
        assert_eq!(kind_of(all, camera), Some(BufferKind::SinglePlanar));
        assert_eq!(kind_of(all, planar), Some(BufferKind::MultiPlanar));
        assert_eq!(kind_of(all, 0x0080_0000 | V4L2_CAP_STREAMING), None, "a metadata node");
        assert_eq!(kind_of(all, camera | CAP_IO_MC), None, "a raw node of an image processor");
        assert_eq!(kind_of(all, V4L2_CAP_VIDEO_CAPTURE), None, "no buffers to map");
        assert_eq!(kind_of(camera, 0), Some(BufferKind::SinglePlanar), "a driver without device_caps");
    }
}
