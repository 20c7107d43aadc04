/* Stands before the C library: files whose path holds $FAULT_PATH cannot be reached.
   $FAULT: "refused" on open; "broken" after $FAULT_AFTER bytes; "blocked" in the first read. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST 1024
static char faulty[MOST];
static long left[MOST];

static int fault_is(const char *name) {
    const char *fault = getenv("FAULT");
    return fault && !strcmp(fault, name);
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    int mode = va_arg(rest, int);
    va_end(rest);
    const char *target = getenv("FAULT_PATH");
    int is_target = target && strstr(path, target) != NULL;
    if (is_target && fault_is("refused")) {
        errno = EACCES;
        return -1;
    }
    int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open64");
    int fd = real(path, flags, mode);
    if (fd >= 0 && fd < MOST) {
        const char *after = getenv("FAULT_AFTER");
        faulty[fd] = is_target;
        left[fd] = after ? atol(after) : 0;
    }
    return fd;
}

ssize_t read(int fd, void *buffer, size_t size) {
    ssize_t (*real)(int, void *, size_t) = dlsym(RTLD_NEXT, "read");
    if (fd < 0 || fd >= MOST || !faulty[fd])
        return real(fd, buffer, size);
    while (fault_is("blocked"))
        pause();
    if (left[fd] <= 0) {
        errno = EIO;
        return -1;
    }
    ssize_t got = real(fd, buffer, size < (size_t)left[fd] ? size : (size_t)left[fd]);
    left[fd] -= got > 0 ? got : 0;
    return got;
}

int close(int fd) {
    int (*real)(int) = dlsym(RTLD_NEXT, "close");
    if (fd >= 0 && fd < MOST)
        faulty[fd] = 0;
    return real(fd);
}
