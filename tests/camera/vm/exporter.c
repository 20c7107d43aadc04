// Takes pictures as PipeWire does: the driver's buffers are handed out as DMA buffers, and the device itself is not mapped.
//
// cc -O2 -static -o exporter exporter.c, then exporter /dev/videoN; it says "taking" and goes on until it is killed.
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/videodev2.h>

enum { BUFFERS = 2 };

static int fail(const char *what) { perror(what); return 1; }

int main(int count, char **words) {
  int device = count == 2 ? open(words[1], O_RDWR) : -1, type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  if (device < 0) return fail("exporter");
  struct v4l2_requestbuffers request = { .count = BUFFERS, .type = type, .memory = V4L2_MEMORY_MMAP };
  if (ioctl(device, VIDIOC_REQBUFS, &request)) return fail("buffers");
  for (int k = 0; k < BUFFERS; k++) {
    struct v4l2_buffer buffer = { .index = k, .type = type, .memory = V4L2_MEMORY_MMAP };
    struct v4l2_exportbuffer handed = { .index = k, .type = type, .flags = O_RDWR };
    if (ioctl(device, VIDIOC_EXPBUF, &handed)) return fail("export");
    if (ioctl(device, VIDIOC_QBUF, &buffer)) return fail("queue");
  }
  if (ioctl(device, VIDIOC_STREAMON, &type)) return fail("stream");
  puts("taking");
  fflush(stdout);
  for (;;) pause();
}
