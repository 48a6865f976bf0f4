/* Starts and stops callgrind's counting around the measured part. Outside valgrind both do nothing. */
#include <valgrind/callgrind.h>

void count_start(void) {
    CALLGRIND_START_INSTRUMENTATION;
    CALLGRIND_ZERO_STATS;
}

void count_stop(void) {
    CALLGRIND_STOP_INSTRUMENTATION;
    CALLGRIND_DUMP_STATS;
}
