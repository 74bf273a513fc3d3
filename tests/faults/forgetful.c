/* A disk and a clock that fail on demand, preloaded into the server (LD_PRELOAD) by tests/faults/machine.py.

   FAULT_ROOT    the folder of data; nothing outside of it is touched
   FAULT_SHADOW  what would survive a power cut: <inode> as of the file's last sync, <inode>.names of a folder's
   FAULT_FLAGS   files in it switch faults on: full, readonly, lies (sync does nothing), clock (seconds to add)
*/
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define REAL(type, name, ...) \
  static type (*real)(__VA_ARGS__); \
  if (!real) real = dlsym(RTLD_NEXT, name)

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static int flag(const char *name) {
  const char *folder = getenv("FAULT_FLAGS");
  char path[PATH_MAX];
  if (!folder) return 0;
  snprintf(path, sizeof path, "%s/%s", folder, name);
  int before = errno, is_set = access(path, F_OK) == 0;
  errno = before;
  return is_set;
}

static int is_ours(const char *path) {
  const char *root = getenv("FAULT_ROOT");
  size_t length = root ? strlen(root) : 0;
  return length && path && !strncmp(path, root, length) && (!path[length] || path[length] == '/');
}

static int is_our_fd(int fd) {
  char link[64], path[PATH_MAX];
  int before = errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  errno = before;
  if (length < 0) return 0;
  path[length] = 0;
  return is_ours(path);
}

/* ---- what a sync makes last ---- */

static ssize_t plain_write(int fd, const void *data, size_t length) {
  REAL(ssize_t, "write", int, const void *, size_t);
  return real(fd, data, length);
}

static int plain_open(const char *path, int flags, mode_t mode) {
  REAL(int, "open64", const char *, int, ...);
  return real(path, flags, mode);
}

static void shadow_name(char *out, unsigned long inode, const char *ending) {
  snprintf(out, PATH_MAX, "%s/%lu%s", getenv("FAULT_SHADOW"), inode, ending);
}

static void keep(int fd) {
  struct stat about;
  char kept[PATH_MAX], part[PATH_MAX], buffer[1 << 16];
  if (!getenv("FAULT_SHADOW") || fstat(fd, &about)) return;
  shadow_name(part, about.st_ino, ".part");
  int out = plain_open(part, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (out < 0) abort();
  if (S_ISDIR(about.st_mode)) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    DIR *folder = opendir(link);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
      if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
      int length = snprintf(buffer, sizeof buffer, "%lu %s\n", (unsigned long)entry->d_ino, entry->d_name);
      if (plain_write(out, buffer, length) != length) abort();
    }
    if (folder) closedir(folder);
    shadow_name(kept, about.st_ino, ".names");
  } else {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    int in = plain_open(link, O_RDONLY, 0);
    for (ssize_t length; in >= 0 && (length = read(in, buffer, sizeof buffer)) > 0;)
      if (plain_write(out, buffer, length) != length) abort();
    if (in >= 0) close(in);
    shadow_name(kept, about.st_ino, "");
  }
  close(out);
  REAL(int, "rename", const char *, const char *);
  if (real(part, kept)) abort();
}

static void forget(const char *path) { /* its inode may soon be another file's */
  struct stat about;
  char kept[PATH_MAX];
  if (!getenv("FAULT_SHADOW") || !is_ours(path) || lstat(path, &about) || about.st_nlink > 1) return;
  shadow_name(kept, about.st_ino, "");
  REAL(int, "unlink", const char *);
  real(kept);
}

static int synced(int fd, int outcome) {
  if (outcome == 0 && is_our_fd(fd) && !flag("lies")) {
    int before = errno;
    pthread_mutex_lock(&one_at_a_time);
    keep(fd);
    pthread_mutex_unlock(&one_at_a_time);
    errno = before;
  }
  return outcome;
}

int fsync(int fd) { REAL(int, "fsync", int); return synced(fd, real(fd)); }
int fdatasync(int fd) { REAL(int, "fdatasync", int); return synced(fd, real(fd)); }

/* ---- a disk that is full, or may not be written ---- */

static int refuses(int fd, off_t end) {
  struct stat about;
  if (!is_our_fd(fd)) return 0;
  if (flag("readonly")) { errno = EROFS; return 1; }
  if (flag("full") && !fstat(fd, &about) && S_ISREG(about.st_mode) && end > about.st_size) { errno = ENOSPC; return 1; }
  return 0;
}

static int may_not_change(const char *path) {
  if (!is_ours(path) || !flag("readonly")) return 0;
  errno = EROFS;
  return 1;
}

ssize_t write(int fd, const void *data, size_t length) {
  off_t at = lseek(fd, 0, SEEK_CUR);
  if (at >= 0 && refuses(fd, at + (off_t)length)) return -1;
  return plain_write(fd, data, length);
}

#define PWRITE(name) \
  ssize_t name(int fd, const void *data, size_t length, off_t at) { \
    REAL(ssize_t, #name, int, const void *, size_t, off_t); \
    return refuses(fd, at + (off_t)length) ? -1 : real(fd, data, length, at); \
  }
PWRITE(pwrite)
PWRITE(pwrite64)

#define TRUNCATE(name) \
  int name(int fd, off_t length) { REAL(int, #name, int, off_t); return refuses(fd, length) ? -1 : real(fd, length); }
TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    REAL(int, #name, const char *, int, ...); \
    va_list more; va_start(more, flags); mode_t mode = va_arg(more, int); va_end(more); \
    if ((flags & (O_WRONLY | O_RDWR | O_CREAT)) && may_not_change(path)) return -1; \
    return real(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

int mkdir(const char *path, mode_t mode) {
  REAL(int, "mkdir", const char *, mode_t);
  return may_not_change(path) ? -1 : real(path, mode);
}

int unlink(const char *path) {
  REAL(int, "unlink", const char *);
  if (may_not_change(path)) return -1;
  forget(path);
  return real(path);
}

int rename(const char *from, const char *to) {
  REAL(int, "rename", const char *, const char *);
  if (may_not_change(from)) return -1;
  forget(to);
  return real(from, to);
}

/* ---- a clock that somebody set ---- */

static long seconds_off(void) {
  const char *folder = getenv("FAULT_FLAGS");
  char path[PATH_MAX], text[32] = "";
  if (!folder) return 0;
  snprintf(path, sizeof path, "%s/clock", folder);
  int before = errno, file = plain_open(path, O_RDONLY, 0);
  if (file >= 0) {
    if (read(file, text, sizeof text - 1) < 0) text[0] = 0;
    close(file);
  }
  errno = before;
  return atol(text);
}

int clock_gettime(clockid_t which, struct timespec *out) {
  REAL(int, "clock_gettime", clockid_t, struct timespec *);
  int outcome = real(which, out);
  if (!outcome && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) out->tv_sec += seconds_off();
  return outcome;
}

int gettimeofday(struct timeval *out, void *zone) {
  REAL(int, "gettimeofday", struct timeval *, void *);
  int outcome = real(out, zone);
  if (!outcome) out->tv_sec += seconds_off();
  return outcome;
}

time_t time(time_t *out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}
