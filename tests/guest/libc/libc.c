// What a C program asks of WASI through wasi-libc, as one command. The module beside this file was built by
// clang-19 --target=wasm32-wasi -O1 -Wl,--strip-all libc.c -o libc.wasm  (Debian's wasi-libc 0.0~git20220510)

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <time.h>
#include <unistd.h>
#include <fcntl.h>
#include <dirent.h>
#include <sys/stat.h>
#include <poll.h>
// Prints what did not hold; the answer of a good run is empty.
#define T(x) do { if (!(x)) printf("line %d: %s: %s\n", __LINE__, #x, strerror(errno)); } while (0)

int main(int argc, char **argv) {
  T(argc == 1 && strcmp(argv[0], "function") == 0);
  T(getenv("TZ") && strcmp(getenv("TZ"), ":UTC") == 0);
  struct timespec a, b, d = {0, 20000000};
  T(clock_gettime(CLOCK_MONOTONIC, &a) == 0);
  T(nanosleep(&d, 0) == 0);
  T(clock_gettime(CLOCK_MONOTONIC, &b) == 0);
  long el = (b.tv_sec-a.tv_sec)*1000000000L + b.tv_nsec-a.tv_nsec;
  T(el >= 20000000 && el < 21000000);
  T(usleep(1000) == 0);
  T(time(0) == 1768435200);
  T(mkdir("/tmp/d", 0777) == 0);
  T(mkdir("/tmp/d", 0777) == -1 && errno == EEXIST);
  FILE *f = fopen("/tmp/d/x", "w+"); T(f);
  T(fprintf(f, "hello %d\n", 42) == 9);
  rewind(f); char buf[64]; T(fgets(buf, 64, f) && strcmp(buf, "hello 42\n") == 0);
  fclose(f);
  f = fopen("/tmp/d/x", "a"); fputs("more\n", f); fclose(f);
  struct stat s; T(stat("/tmp/d/x", &s) == 0 && s.st_size == 14 && S_ISREG(s.st_mode));
  T(s.st_mtim.tv_sec == 1768435200);
  T(stat("/tmp/d", &s) == 0 && S_ISDIR(s.st_mode));
  T(stat("/tmp", &s) == 0 && S_ISDIR(s.st_mode));
  T(stat("/tmp/no", &s) == -1 && errno == ENOENT);
  T(rename("/tmp/d/x", "/tmp/y") == 0);
  T(access("/tmp/y", F_OK) == 0);
  int fd = open("/tmp/y", O_RDWR); T(fd >= 0);
  T(ftruncate(fd, 5) == 0); T(lseek(fd, 0, SEEK_END) == 5);
  T(pwrite(fd, "JJ", 2, 1) == 2); T(pread(fd, buf, 10, 0) == 5 && memcmp(buf, "hJJlo", 5) == 0);
  T(fcntl(fd, F_GETFL) == O_RDWR);
  T(fsync(fd) == 0); T(close(fd) == 0);
  fd = open("/tmp/y", O_RDONLY); T(write(fd, "x", 1) == -1); close(fd);
  T(open("/tmp/y", O_CREAT|O_EXCL|O_RDWR, 0666) == -1 && errno == EEXIST);
  T(open("/etc/passwd", O_RDONLY) == -1);
  T(open("/tmp/../etc/passwd", O_RDONLY) == -1);
  for (int i = 0; i < 100; i++) { char n[40]; sprintf(n, "/tmp/d/file-with-a-longish-name-%d", i); fd = open(n, O_CREAT|O_WRONLY, 0666); T(fd >= 0); close(fd); }
  DIR *dir = opendir("/tmp/d"); T(dir); int count = 0; struct dirent *e;
  while ((e = readdir(dir))) { count++; if (e->d_name[0] != '.') { char n[300]; snprintf(n, 300, "/tmp/d/%s", e->d_name); T(unlink(n) == 0); } }
  T(count == 102); closedir(dir);
  T(rmdir("/tmp/d") == 0); T(unlink("/tmp/y") == 0);
  T(isatty(0) == 0); T(isatty(1) == 0);
  char ev[64]; size_t n = fread(ev, 1, 64, stdin); T(n == 5 && memcmp(ev, "event", 5) == 0);
  struct pollfd p = {0, POLLIN, 0}; T(poll(&p, 1, 100) == 1);
  unsigned char r[16] = {0}; T(getentropy(r, 16) == 0); int nz = 0; for (int i = 0; i < 16; i++) nz |= r[i]; T(nz);
  fprintf(stderr, "to the log\n");
  return 0;
}
