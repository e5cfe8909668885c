// Stands in front of the allocator of the C library: each request is counted and passed on. The
// executable's own symbols come first in the search order of the dynamic linker, so that the Swift
// runtime is counted too.
#include "allocation_counter.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static _Atomic uint64_t requests;

static void count_request(void) {
    atomic_fetch_add_explicit(&requests, 1, memory_order_relaxed);
}

uint64_t allocation_count(void) { return atomic_load_explicit(&requests, memory_order_relaxed); }

void *malloc(size_t size) {
    count_request();
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    count_request();
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size) {
    count_request();
    return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size) {
    count_request();
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count_request();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **place, size_t alignment, size_t size) {
    count_request();
    void *room = __libc_memalign(alignment, size);
    if (room == NULL) return ENOMEM;
    *place = room;
    return 0;
}
