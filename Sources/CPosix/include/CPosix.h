#pragma once

// Swift's Glibc module leaves epoll out.
#if defined(__linux__)
#include <sys/epoll.h>
#endif

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>

/// The kernel's id of the calling thread. A function of its own, since glibc has `gettid` only from 2.30 and under
/// _GNU_SOURCE, and Swift imports no variadic `syscall`.
static inline int cposix_gettid(void) {
    return (int)syscall(SYS_gettid);
}
#endif
