//! Frames directly from V4L2, for the formats, rates and multi-planar devices that nokhwa cannot read.

use std::io;
use std::mem::zeroed;
use std::ptr;
use std::time::Duration;

use v4l::v4l_sys::{V4L2_BUF_FLAG_ERROR, v4l2_buffer, v4l2_plane, v4l2_requestbuffers};
use v4l::v4l2::{self, vidioc};

use crate::capture::video_node::{BufferKind, VideoNode, call};

const BUFFERS: u32 = 4;
/// `V4L2_MEMORY_MMAP`
const MAPPED: u32 = 1;

/// A stream of buffers that are mapped from the driver. The kernel ends it when the node is closed.
pub struct DirectStream {
    buffers: Vec<Mapping>,
    node: VideoNode,
    kind: BufferKind,
    /// The buffer that was read last; it goes back to the driver before the next wait.
    held: Option<u32>,
    started: bool,
}

struct Mapping {
    start: *mut libc::c_void,
    length: usize,
}

impl DirectStream {
    /// Maps the buffers. The camera's light stays off until the first frame is requested.
    pub fn open(node: VideoNode) -> io::Result<Self> {
        let kind = node.kind.ok_or(io::ErrorKind::Unsupported)?;
        // SAFETY: plain data; all zeroes is a value of it.
        let mut request =
            v4l2_requestbuffers { count: BUFFERS, type_: kind as u32, memory: MAPPED, ..unsafe { zeroed() } };
        call(node.device(), vidioc::VIDIOC_REQBUFS, &mut request)?;
        let mut stream = Self { buffers: Vec::new(), node, kind, held: None, started: false };
        for index in 0..request.count {
            let mapping = stream.map(index)?;
            stream.buffers.push(mapping);
        }
        Ok(stream)
    }

    /// The next frame's bytes; `None`: the driver marked it as broken. An error of kind `TimedOut` if none comes in time.
    pub fn next(&mut self, limit: Duration) -> io::Result<Option<&[u8]>> {
        self.queue_free_buffers()?;
        let timeout = i32::try_from(limit.as_millis()).unwrap_or(i32::MAX).max(1);
        if self.node.device().handle().poll(libc::POLLIN, timeout)? == 0 {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let (buffer, plane) = self.exchange(vidioc::VIDIOC_DQBUF, 0)?;
        self.held = Some(buffer.index);
        let mapping = self.buffers.get(buffer.index as usize).ok_or(io::ErrorKind::InvalidData)?;
        let (start, end) = match self.kind {
            BufferKind::SinglePlanar => (0, buffer.bytesused),
            BufferKind::MultiPlanar => (plane.data_offset, plane.bytesused),
        };
        if buffer.flags & V4L2_BUF_FLAG_ERROR != 0 {
            return Ok(None);
        }
        Ok(mapping.bytes().get(start as usize..(end as usize).min(mapping.length)))
    }

    fn queue_free_buffers(&mut self) -> io::Result<()> {
        if let Some(index) = self.held.take() {
            self.exchange(vidioc::VIDIOC_QBUF, index)?;
        }
        if !self.started {
            for index in 0..self.buffers.len() as u32 {
                self.exchange(vidioc::VIDIOC_QBUF, index)?;
            }
            call(self.node.device(), vidioc::VIDIOC_STREAMON, &mut (self.kind as u32))?;
            self.started = true;
        }
        Ok(())
    }

    fn map(&self, index: u32) -> io::Result<Mapping> {
        let (buffer, plane) = self.exchange(vidioc::VIDIOC_QUERYBUF, index)?;
        let (length, offset) = match self.kind {
            // SAFETY: the driver fills in the offset for a mapped buffer.
            BufferKind::SinglePlanar => (buffer.length, unsafe { buffer.m.offset }),
            // SAFETY: as above.
            BufferKind::MultiPlanar => (plane.length, unsafe { plane.m.mem_offset }),
        };
        let (fd, length) = (self.node.device().handle().fd(), length as usize);
        // SAFETY: a fresh mapping that nothing else refers to.
        let start =
            unsafe { v4l2::mmap(ptr::null_mut(), length, libc::PROT_READ, libc::MAP_SHARED, fd, i64::from(offset)) }?;
        Ok(Mapping { start, length })
    }

    /// Passes the description of a buffer to the driver, and returns it as the driver left it.
    fn exchange(&self, request: vidioc::_IOC_TYPE, index: u32) -> io::Result<(v4l2_buffer, v4l2_plane)> {
        // SAFETY: plain data; all zeroes is a value of both.
        let (mut plane, mut buffer): (v4l2_plane, v4l2_buffer) = unsafe { (zeroed(), zeroed()) };
        buffer.index = index;
        buffer.type_ = self.kind as u32;
        buffer.memory = MAPPED;
        if self.kind == BufferKind::MultiPlanar {
            buffer.length = 1;
            buffer.m.planes = &raw mut plane;
        }
        call(self.node.device(), request, &mut buffer)?;
        Ok((buffer, plane))
    }
}

impl Mapping {
    fn bytes(&self) -> &[u8] {
        // SAFETY: mapped for reading until this is dropped.
        unsafe { std::slice::from_raw_parts(self.start.cast(), self.length) }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: mapped by `DirectStream::map`, and `self` is not used after this. After a failure, the end of the process unmaps it.
        let _ = unsafe { v4l2::munmap(self.start, self.length) };
    }
}
