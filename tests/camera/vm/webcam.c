// A USB webcam in user space, for tests: the kernel's own uvcvideo drives it, over USB/IP's virtual host controller.
//
// cc -O2 -static -o webcam webcam.c, then as root, with the modules vhci-hcd and uvcvideo loaded:
//   webcam mjpg|yuyv FILE WIDTH HEIGHT FPS
// FILE holds one frame. SIGTERM unplugs it, SIGUSR1 stops its frames, SIGUSR2 lets them go on.
//
// It is a UVC 1.0 camera with one format of one size and a bulk endpoint; most real ones are isochronous.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef uint8_t u8;
typedef uint32_t u32;

enum { TRANSFER = 16384, PROBE = 26, STALLED = -EPIPE, MOST = 64 };
// USB/IP's commands and their answers.
enum { SUBMIT = 1, UNLINK = 2, SUBMITTED = 3, UNLINKED = 4 };

static struct { int mjpg, width, height, fps; u8 *frame; size_t size; } camera;
static struct { u8 bytes[512]; int size; } configuration;
static struct { u32 sequence; int size; } waiting[MOST];
static int waiting_count, host;
static volatile sig_atomic_t stopped;
static u8 probe[PROBE];

// --- What the camera says of itself -------------------------------------------------------------------------------

#define LE16(value) (u8)(value), (u8)((value) >> 8)
#define LE32(value) LE16(value), LE16((value) >> 16)
#define DESCRIBE(...) describe((const u8[]){ __VA_ARGS__ }, sizeof((const u8[]){ __VA_ARGS__ }))

static void describe(const u8 *bytes, int size) {
  memcpy(configuration.bytes + configuration.size, bytes, size);
  configuration.size += size;
}

static u32 frame_bytes(void) { return camera.width * camera.height * 2; }
static u32 interval(void) { return 10000000 / camera.fps; }  // 100 ns

static void describe_all(void) {
  u8 *whole = configuration.bytes;
  DESCRIBE(9, 2, 0, 0, 2, 1, 0, 0x80, 250);                   // configuration: two interfaces
  DESCRIBE(8, 11, 0, 2, 14, 3, 0, 2);                         // that belong together
  DESCRIBE(9, 4, 0, 0, 0, 14, 1, 0, 2);                       // video control
  DESCRIBE(13, 0x24, 1, 0, 1, 40, 0, LE32(6000000), 1, 1);
  DESCRIBE(18, 0x24, 2, 1, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0);  // a camera's sensor
  DESCRIBE(9, 0x24, 3, 2, 1, 1, 0, 1, 0);                     // goes to USB
  DESCRIBE(9, 4, 1, 0, 1, 14, 2, 0, 0);                       // video streaming, one bulk endpoint
  int start = configuration.size;
  DESCRIBE(14, 0x24, 1, 1, 0, 0, 0x81, 0, 2, 0, 0, 0, 1, 0);
  if (camera.mjpg)
    DESCRIBE(11, 0x24, 6, 1, 1, 1, 1, 0, 0, 0, 0);
  else
    DESCRIBE(27, 0x24, 4, 1, 1, 'Y', 'U', 'Y', '2', 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71, 16, 1, 0, 0, 0, 0);
  DESCRIBE(30, 0x24, camera.mjpg ? 7 : 5, 1, 0, LE16(camera.width), LE16(camera.height),
           LE32(frame_bytes() * camera.fps * 8), LE32(frame_bytes() * camera.fps * 8), LE32(frame_bytes()),
           LE32(interval()), 1, LE32(interval()));
  DESCRIBE(6, 0x24, 13, 1, 1, 4);
  int streaming = configuration.size - start;
  whole[start + 4] = streaming, whole[start + 5] = streaming >> 8;
  DESCRIBE(7, 5, 0x81, 2, 0, 2, 0);
  whole[2] = configuration.size, whole[3] = configuration.size >> 8;
  const u8 agreed[PROBE] = { 1, 0, 1, 1, LE32(interval()), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, LE32(frame_bytes()), LE32(TRANSFER) };
  memcpy(probe, agreed, PROBE);
}

static int text(int index, u8 *to) {
  static const char *texts[] = { "", "Moodring", "Moodring test webcam", "0001" };
  if (index > 3) return STALLED;
  if (!index) return memcpy(to, "\4\3\x09\x04", 4), 4;
  int length = strlen(texts[index]);
  to[0] = 2 + 2 * length, to[1] = 3;
  for (int k = 0; k < length; k++) to[2 + 2 * k] = texts[index][k], to[3 + 2 * k] = 0;
  return to[0];
}

static int descriptor(int kind, int index, u8 *to) {
  static const u8 device[] = { 18, 1, 0, 2, 0xef, 2, 1, 64, 0x6b, 0x1d, 2, 1, 0, 1, 1, 2, 3, 1 };
  if (kind == 1) return memcpy(to, device, sizeof device), (int)sizeof device;
  if (kind == 2) return memcpy(to, configuration.bytes, configuration.size), configuration.size;
  return kind == 3 ? text(index, to) : STALLED;
}

// What is asked on endpoint 0; the length of the answer.
static int answer(const u8 *setup, u8 *to) {
  int kind = setup[0], request = setup[1], value = setup[2] | setup[3] << 8, index = setup[4], most = setup[6] | setup[7] << 8;
  int size = STALLED;
  if (kind == 0x80 && request == 6) {
    size = descriptor(value >> 8, value & 255, to);
  } else if (!(kind & 0x60)) {  // the standard rest: accepted
    memset(to, 0, most);
    if (kind & 0x80 && request == 8) to[0] = 1;
    size = kind & 0x80 ? most : 0;
  } else if (index == 1 && (value == 0x100 || value == 0x200)) {  // probe and commit: there is but one choice
    if (request == 1) return 0;
    if (request == 0x85) to[0] = PROBE, to[1] = 0, size = 2;
    else if (request == 0x86) to[0] = 3, size = 1;
    else memcpy(to, probe, PROBE), size = PROBE;
  }
  return size < most ? size : most;
}

// --- USB/IP -------------------------------------------------------------------------------------------------------

static void move(int out, void *bytes, size_t size) {
  for (u8 *at = bytes; size;) {
    ssize_t count = out ? write(host, at, size) : read(host, at, size);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) exit(0);
    at += count, size -= count;
  }
}

static void reply(u32 command, u32 sequence, int status, void *bytes, int size, int in) {
  u32 header[12] = { htonl(command), sequence, 0, 0, 0, htonl(status), htonl(size) };
  move(1, header, sizeof header);
  if (in && size > 0) move(1, bytes, size);
}

static int forget(u32 sequence) {
  for (int k = 0; k < waiting_count; k++)
    if (waiting[k].sequence == sequence) {
      memmove(waiting + k, waiting + k + 1, (--waiting_count - k) * sizeof *waiting);
      return -ECONNRESET;
    }
  return 0;
}

static size_t sent;  // bytes of the frame under way

static void serve(void) {
  static u8 bytes[1 << 17];
  u32 header[12];
  move(0, header, sizeof header);
  u32 command = ntohl(header[0]), in = ntohl(header[3]), endpoint = ntohl(header[4]);
  int size = ntohl(header[6]);
  if (command == UNLINK) {
    reply(UNLINKED, header[1], forget(header[5]), NULL, 0, 0);
    if (!waiting_count) sent = 0;
    return;
  }
  if (!in && size) move(0, bytes, size);
  if (endpoint == 0) {
    int count = answer((u8 *)&header[10], bytes);
    reply(SUBMITTED, header[1], count < 0 ? count : 0, bytes, count < 0 ? 0 : in ? count : size, in);
  } else if (waiting_count < MOST) {
    waiting[waiting_count].sequence = header[1], waiting[waiting_count++].size = size;
  }
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

// The next payload of a frame: two bytes of header, then as much as fits. Returns when the next one is due.
static double stream(double due) {
  static u8 payload[TRANSFER], toggle;
  size_t count = waiting[0].size - 2, left = camera.size - sent;
  if (count > sizeof payload - 2) count = sizeof payload - 2;
  if (count > left) count = left;
  payload[0] = 2, payload[1] = 0x80 | toggle;
  memcpy(payload + 2, camera.frame + sent, count);
  sent += count;
  if (sent == camera.size) {
    payload[1] |= 2, toggle ^= 1, sent = 0;
    due = (due < now() - 1 ? now() : due) + 1.0 / camera.fps;
  }
  reply(SUBMITTED, waiting[0].sequence, 0, payload, count + 2, 1);
  forget(waiting[0].sequence);
  return due;
}

static void run(void) {
  for (double due = 0;;) {
    int ready = waiting_count && !stopped;
    double left = due - now();
    struct pollfd file = { host, POLLIN, 0 };
    int heard = poll(&file, 1, !ready ? 100 : left > 0 ? (int)(left * 1000) + 1 : 0);
    if (heard > 0) serve();
    else if (heard == 0 && ready && now() >= due) due = stream(due);
  }
}

static void plug(void) {
  int pair[2];
  char order[64];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) exit(3);
  host = pair[0];
  int size = snprintf(order, sizeof order, "0 %d 65538 3", pair[1]);  // port, socket, device 1:2, high speed
  int attach = open("/sys/devices/platform/vhci_hcd.0/attach", O_WRONLY);
  if (attach < 0 || write(attach, order, size) != size) perror("cannot plug the webcam in"), exit(4);
  close(attach);
  close(pair[1]);
}

static void on_signal(int number) {
  if (number == SIGTERM) _exit(0);
  stopped = number == SIGUSR1;
}

int main(int count, char **words) {
  if (count != 6) return fprintf(stderr, "usage: webcam mjpg|yuyv FILE WIDTH HEIGHT FPS\n"), 2;
  FILE *file = fopen(words[2], "rb");
  if (!file) return perror(words[2]), 2;
  fseek(file, 0, SEEK_END);
  camera.size = ftell(file);
  rewind(file);
  camera.frame = malloc(camera.size);
  if (fread(camera.frame, 1, camera.size, file) != camera.size) return 2;
  camera.mjpg = !strcmp(words[1], "mjpg");
  camera.width = atoi(words[3]), camera.height = atoi(words[4]), camera.fps = atoi(words[5]);
  describe_all();
  signal(SIGTERM, on_signal), signal(SIGUSR1, on_signal), signal(SIGUSR2, on_signal), signal(SIGPIPE, SIG_IGN);
  plug();
  run();
}
