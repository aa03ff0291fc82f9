// Counts its own invocations, twice: in a variable and in a file under /tmp. It teaches warm and cold
// starts: both counts live as long as the execution environment, and start again at 1 in a new one.
// Two requests at once are served by two environments, each with its own counts. (A crash or a timeout
// would tell the two apart: it resets the variable and leaves the file.)

#include <stdio.h>
#include <stdlib.h>

#include "../include/lambda.h"

static int warm_invocations;
static char response[64];

LAMBDA_EXPORT("alloc") void *alloc(size_t length) { return malloc(length); }

// Adds one to the number in the file, which need not be there yet.
static int count_in_file(const char *path) {
  int count = 0;
  char digits[16];
  FILE *file = fopen(path, "r");
  if (file != NULL) {
    if (fgets(digits, sizeof digits, file) != NULL) count = atoi(digits);
    fclose(file);
  }
  file = fopen(path, "w");
  if (file == NULL) {
    perror(path);
    return -1;
  }
  fprintf(file, "%d\n", ++count);
  fclose(file);
  return count;
}

LAMBDA_EXPORT("handler") uint64_t handler(char *event, size_t length) {
  (void)length;
  free(event); // it is ours, and we don't read it
  warm_invocations++;
  int tmp_count = count_in_file("/tmp/count");
  fprintf(stderr, "Invocation %d of this environment\n", warm_invocations);
  int written = snprintf(response, sizeof response, "{\"warm_invocations\":%d,\"tmp_count\":%d}",
                         warm_invocations, tmp_count);
  return lambda_response(response, (size_t)written);
}
