// Cameras for tests: preloaded into a program, it plays the kernel's side of V4L2 capture devices, /dev/video0 and on.
// The program's own code, nokhwa and the v4l crate run as they are. One camera at a time streams.
//
// cc -O2 -shared -fPIC -o shim.so shim.c, then LD_PRELOAD=shim.so with
//   CAMERA_SIZE  640x480
//   CAMERA_YUYV  a file with one raw frame of that size (offers YUYV)
//   CAMERA_JPEG  a JPEG file of that size (offers MJPG)
//   CAMERA_RAW   a file with one raw frame of that size, in the format CAMERA_FOURCC
//   CAMERA_RATE  frames a second as a fraction, 30/1 unless given
//   CAMERA_PLANAR set: the devices are multi-planar
//   CAMERA_DARK  that many first frames are dark and get brighter (YUYV only)
//   CAMERA_LATE  for so many milliseconds no frame comes
//   CAMERA_FAIL  eacces, hang (when it is opened), busy, busy-stream, nofmt, meta, stall@N, unplug@N, broken@N (the first N
//                frames)
//   CAMERA_HELD  set: says on standard error for how many milliseconds a camera that streams was open
//   CAMERA_NODES what each device is, by its first letter: c(amera), m(etadata), i(nfrared), r(aw node of an image
//                processor), o(bs: a loopback that shows a drawn scene), l(oopback of a relay); "c" unless given
//
// It is awkward where real devices are: its format at first is one that nokhwa does not know, its rate is no whole
// number, and what follows a JPEG in its buffers is rubbish. The v4l crate calls ioctl through syscall(), hence the
// interposed syscall(). Nothing here makes a system call that a confined look may not make.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <linux/videodev2.h>

enum { BUFFERS = 8, FPS = 30, NODES = 8 };

static struct {
  long since;
  int fd, open, node, streaming, queue[BUFFERS], queued, buffers, frame;
  unsigned fourcc, numerator, denominator;  // seconds between frames
  char *memory;
} device = { .fd = -1, .fourcc = V4L2_PIX_FMT_H264, .numerator = 2, .denominator = 15 };

static unsigned width = 640, height = 480;
static unsigned fps = FPS, per = 1, raw_fourcc;
static int planar;
static char *yuyv, *jpeg, *raw, fail[16], nodes[NODES + 1] = "c";
static int other[NODES] = { -1, -1, -1, -1, -1, -1, -1, -1 };  // open files of devices that cannot stream
static size_t yuyv_size, jpeg_size, raw_size;
static int fail_at = -1, dark, late;
static long (*kernel)(long, ...);

static char *content(const char *name, size_t *size) {
  const char *path = getenv(name);
  FILE *file = path ? fopen(path, "rb") : NULL;
  if (!file) return NULL;
  fseek(file, 0, SEEK_END);
  *size = ftell(file);
  rewind(file);
  char *bytes = malloc(*size);
  if (fread(bytes, 1, *size, file) != *size) abort();
  fclose(file);
  return bytes;
}

__attribute__((constructor)) static void set_up(void) {
  const char *text;
  kernel = dlsym(RTLD_NEXT, "syscall");
  if ((text = getenv("CAMERA_SIZE"))) sscanf(text, "%ux%u", &width, &height);
  if ((text = getenv("CAMERA_FAIL"))) sscanf(text, "%15[^@]@%d", fail, &fail_at);
  if ((text = getenv("CAMERA_DARK"))) dark = atoi(text);
  if ((text = getenv("CAMERA_LATE"))) late = atoi(text);
  if ((text = getenv("CAMERA_NODES"))) strncpy(nodes, text, NODES);
  if ((text = getenv("CAMERA_RATE"))) sscanf(text, "%u/%u", &fps, &per);
  if ((text = getenv("CAMERA_FOURCC"))) raw_fourcc = v4l2_fourcc(text[0], text[1], text[2], text[3]);
  planar = getenv("CAMERA_PLANAR") != NULL;
  raw = content("CAMERA_RAW", &raw_size);
  yuyv = content("CAMERA_YUYV", &yuyv_size);
  jpeg = content("CAMERA_JPEG", &jpeg_size);
}

static long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static int fails(const char *how) { return !strcmp(fail, how); }
static int no(int error) { errno = error; return -1; }
static size_t frame_size(void) { return (size_t)width * height * 2; }
static size_t buffer_size(void) { return (frame_size() + 4095) & ~(size_t)4095; }

static unsigned offered(int node, unsigned index) {
  unsigned list[3], count = 0;
  if (nodes[node] == 'm') return 0;
  if (nodes[node] == 'r') return index ? 0 : V4L2_PIX_FMT_YUYV;
  if (nodes[node] == 'i') return index ? 0 : V4L2_PIX_FMT_GREY;
  if (fails("meta")) return 0;
  if (fails("nofmt")) return index ? 0 : V4L2_PIX_FMT_H264;
  if (yuyv) list[count++] = V4L2_PIX_FMT_YUYV;
  if (jpeg) list[count++] = V4L2_PIX_FMT_MJPEG;
  if (raw) list[count++] = raw_fourcc;
  return index < count ? list[index] : 0;
}

static int open_device(int node) {
  if (fails("eacces")) return no(EACCES);
  while (fails("hang")) kernel(SYS_ppoll, NULL, 0, NULL, NULL, 8L);
  if (strchr("mr", nodes[node])) return other[node] = memfd_create("other", MFD_CLOEXEC);
  if (device.open) return no(EBUSY);
  device.node = node;
  device.fd = memfd_create("camera", MFD_CLOEXEC);
  if (device.fd < 0 || ftruncate(device.fd, BUFFERS * buffer_size())) return -1;
  device.memory = mmap(NULL, BUFFERS * buffer_size(), PROT_READ | PROT_WRITE, MAP_SHARED, device.fd, 0);
  device.open = 1;
  device.since = now();
  return device.fd;
}

static int query(int node, struct v4l2_capability *it) {
  int meta = fails("meta") || nodes[node] == 'm';
  unsigned capture = planar ? V4L2_CAP_VIDEO_CAPTURE_MPLANE : V4L2_CAP_VIDEO_CAPTURE;
  const char *card = "Test camera";
  if (nodes[node] == 'i') card = "Infrared";
  if (nodes[node] == 'r') card = "ipu6";
  if (nodes[node] == 'o') card = "OBS Virtual Camera";
  if (nodes[node] == 'l') card = "Intel MIPI Camera";
  memset(it, 0, sizeof *it);
  strcpy((char *)it->driver, strchr("ol", nodes[node]) ? "v4l2 loopback" : nodes[node] == 'r' ? "isys" : "shim");
  snprintf((char *)it->card, sizeof it->card, node && nodes[node] == 'c' ? "%s %d" : "%s", card, node);
  it->device_caps = V4L2_CAP_STREAMING | (meta ? V4L2_CAP_META_CAPTURE : capture);
  if (nodes[node] == 'r') it->device_caps |= V4L2_CAP_IO_MC;
  // As real drivers do, it names what the camera's other nodes can do as well.
  it->capabilities = it->device_caps | capture | V4L2_CAP_DEVICE_CAPS;
  return 0;
}

static unsigned buffer_type(void) {
  return planar ? V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE : V4L2_BUF_TYPE_VIDEO_CAPTURE;
}

static int list_format(int node, struct v4l2_fmtdesc *it) {
  unsigned fourcc = offered(node, it->index);
  if (it->type != buffer_type() || !fourcc) return no(EINVAL);
  it->pixelformat = fourcc;
  return 0;
}

static int list_size(struct v4l2_frmsizeenum *it) {
  if (it->index) return no(EINVAL);
  it->type = V4L2_FRMSIZE_TYPE_DISCRETE;
  it->discrete.width = width;
  it->discrete.height = height;
  return 0;
}

static int list_rate(struct v4l2_frmivalenum *it) {
  if (it->index || it->width != width || it->height != height) return no(EINVAL);
  it->type = V4L2_FRMIVAL_TYPE_DISCRETE;
  it->discrete.numerator = per;
  it->discrete.denominator = fps;
  return 0;
}

// Bytes from one row to the next.
static unsigned stride(void) {
  switch (device.fourcc) {
    case V4L2_PIX_FMT_YUYV: case V4L2_PIX_FMT_UYVY: case V4L2_PIX_FMT_YVYU: return width * 2;
    case V4L2_PIX_FMT_NV12: case V4L2_PIX_FMT_YUV420: case V4L2_PIX_FMT_GREY: return width;
    default: return 0;
  }
}

static int format(int set, struct v4l2_format *it) {
  struct v4l2_pix_format *pix = &it->fmt.pix;
  struct v4l2_pix_format_mplane *planes = &it->fmt.pix_mp;
  if (it->type != buffer_type()) return no(EINVAL);
  if (set && fails("busy")) return no(EBUSY);
  // Both kinds begin with the width, the height and the format.
  for (unsigned k = 0; set && offered(device.node, k); k++)
    if (offered(device.node, k) == pix->pixelformat) device.fourcc = pix->pixelformat;
  memset(&it->fmt, 0, sizeof it->fmt);
  pix->width = width;
  pix->height = height;
  pix->pixelformat = device.fourcc;
  pix->field = V4L2_FIELD_NONE;
  if (planar) {
    planes->num_planes = 1;
    planes->plane_fmt[0].bytesperline = stride();
    planes->plane_fmt[0].sizeimage = frame_size();
    return 0;
  }
  pix->bytesperline = stride();
  pix->sizeimage = frame_size();
  return 0;
}

static int rate(int set, struct v4l2_streamparm *it) {
  if (it->type != buffer_type()) return no(EINVAL);
  if (set) device.numerator = per, device.denominator = fps;
  memset(&it->parm, 0, sizeof it->parm);
  it->parm.capture.timeperframe.numerator = device.numerator;
  it->parm.capture.timeperframe.denominator = device.denominator;
  return 0;
}

static int request_buffers(struct v4l2_requestbuffers *it) {
  if (it->type != buffer_type()) return no(EINVAL);
  if (fails("busy-stream")) return no(EBUSY);
  if (it->count > BUFFERS) it->count = BUFFERS;
  device.buffers = it->count;
  device.queued = 0;
  return 0;
}

static int describe(struct v4l2_buffer *it, int index) {
  if (it->type != buffer_type() || (planar && (!it->m.planes || it->length < 1))) return no(EINVAL);
  it->index = index;
  it->flags = V4L2_BUF_FLAG_MAPPED | V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
  if (planar) {
    it->length = 1;
    it->m.planes[0].length = buffer_size();
    it->m.planes[0].m.mem_offset = index * buffer_size();
    return 0;
  }
  it->length = buffer_size();
  it->m.offset = index * buffer_size();
  return 0;
}

static int queue(struct v4l2_buffer *it) {
  if (it->type != buffer_type() || (int)it->index >= device.buffers || device.queued >= BUFFERS) return no(EINVAL);
  device.queue[device.queued++] = it->index;
  return 0;
}

static size_t paint(char *to) {
  if (device.fourcc == V4L2_PIX_FMT_MJPEG) {
    memset(to, 0xa5, buffer_size());
    memcpy(to, jpeg, fails("broken") && device.frame < fail_at ? 100 : jpeg_size);
    return jpeg_size;
  }
  if (raw && device.fourcc == raw_fourcc) {
    memcpy(to, raw, raw_size);
    return raw_size;
  }
  memcpy(to, yuyv, frame_size() < yuyv_size ? frame_size() : yuyv_size);
  for (size_t k = 0; device.frame < dark && k < frame_size(); k += 2)
    to[k] = 16 + ((unsigned char)to[k] - 16) * (device.frame + 1) / (dark + 1);
  return frame_size();
}

static int dequeue(struct v4l2_buffer *it) {
  if (!device.streaming || !device.queued) return no(EAGAIN);
  int index = device.queue[0];
  memmove(device.queue, device.queue + 1, --device.queued * sizeof *device.queue);
  if (describe(it, index)) return -1;
  size_t used = paint(device.memory + index * buffer_size());
  if (planar) it->m.planes[0].bytesused = used;
  else it->bytesused = used;
  it->sequence = device.frame++;
  return 0;
}

static int control(int node, unsigned request, void *it) {
  if (fails("unplug") && device.frame >= fail_at) return no(ENODEV);
  if (nodes[node] == 'r' && (request == VIDIOC_G_PARM || request == VIDIOC_S_PARM)) return no(ENOTTY);
  switch (request) {
    case VIDIOC_QUERYCAP: return query(node, it);
    case VIDIOC_ENUM_FMT: return list_format(node, it);
    case VIDIOC_ENUM_FRAMESIZES: return list_size(it);
    case VIDIOC_ENUM_FRAMEINTERVALS: return list_rate(it);
    case VIDIOC_G_FMT: case VIDIOC_S_FMT: return format(request == VIDIOC_S_FMT, it);
    case VIDIOC_G_PARM: case VIDIOC_S_PARM: return rate(request == VIDIOC_S_PARM, it);
    case VIDIOC_REQBUFS: return request_buffers(it);
    case VIDIOC_QUERYBUF: return describe(it, ((struct v4l2_buffer *)it)->index);
    case VIDIOC_QBUF: return queue(it);
    case VIDIOC_DQBUF: return dequeue(it);
    case VIDIOC_STREAMON: device.streaming = 1; return 0;
    case VIDIOC_STREAMOFF: device.streaming = device.queued = 0; return 0;
    default: return no(ENOTTY);
  }
}

// From here on: what the program calls.

// The device that a path names, or -1.
static int named(const char *path) {
  int node;
  return path && sscanf(path, "/dev/video%d", &node) == 1 && node >= 0 && node < (int)strlen(nodes) ? node : -1;
}

// The device that a file is, or -1.
static int node_of(int fd) {
  if (device.open && fd == device.fd) return device.node;
  for (int k = 0; k < NODES; k++)
    if (fd >= 0 && fd == other[k]) return k;
  return -1;
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  int mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, int) : 0;
  va_end(rest);
  return named(path) >= 0 && !(flags & O_PATH) ? open_device(named(path)) : (int)kernel(SYS_openat, AT_FDCWD, path, flags, mode);
}

static void let_go(void) {
  if (!getenv("CAMERA_HELD")) return;
  char text[32];
  int length = snprintf(text, sizeof text, "held %ld\n", now() - device.since);
  if (write(2, text, length) != length) abort();
}

// The end of the program closes its files.
void _exit(int code) {
  if (device.open) let_go();
  for (;;) kernel(SYS_exit_group, code);
}

int close(int fd) {
  if (device.open && fd == device.fd) {
    let_go();
    munmap(device.memory, BUFFERS * buffer_size());
    device.open = 0;
  } else if (node_of(fd) >= 0) {
    other[node_of(fd)] = -1;
  }
  return kernel(SYS_close, fd);
}

long syscall(long number, ...) {
  va_list rest;
  va_start(rest, number);
  long a = va_arg(rest, long), b = va_arg(rest, long), c = va_arg(rest, long), d = va_arg(rest, long);
  long e = va_arg(rest, long), f = va_arg(rest, long);
  va_end(rest);
  if (number == SYS_ioctl && node_of(a) >= 0) return control(node_of(a), b, (void *)c);
  return kernel(number, a, b, c, d, e, f);
}

// A frame comes every 1/30 s, or at the given rate; after a stall none ever comes.
int poll(struct pollfd *files, nfds_t count, int timeout) {
  if (!(count == 1 && device.open && files[0].fd == device.fd)) {
    struct timespec left = { timeout / 1000, timeout % 1000 * 1000000L };
    return kernel(SYS_ppoll, files, count, timeout < 0 ? NULL : &left, NULL, 8L);
  }
  long begun = now(), next = 1000L * per / fps;
  struct timespec wait = { next / 1000, next % 1000 * 1000000L };
  do {
    if (timeout >= 0 && now() - begun >= timeout) return 0;
    if (nanosleep(&wait, NULL)) return no(EINTR);
  } while ((fails("stall") && device.frame >= fail_at) || now() - device.since < late);
  files->revents = POLLIN;
  return 1;
}

// The listing of /dev has some entries more, the last device first, as real listings are in no order.

static DIR *devices;
static int listed;

DIR *opendir(const char *path) {
  static DIR *(*next)(const char *);
  if (!next) next = dlsym(RTLD_NEXT, "opendir");
  DIR *opened = next(path);
  if (!strcmp(path, "/dev")) devices = opened, listed = strlen(nodes);
  return opened;
}

struct dirent64 *readdir64(DIR *from) {
  static struct dirent64 *(*next)(DIR *), entry = { .d_ino = 1, .d_type = DT_CHR };
  if (!next) next = dlsym(RTLD_NEXT, "readdir64");
  if (from != devices || !listed) return next(from);
  snprintf(entry.d_name, sizeof entry.d_name, "video%d", --listed);
  return &entry;
}
