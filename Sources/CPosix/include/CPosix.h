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

#include <sys/types.h>

/// Starts a program as another user, in a session of its own and with `log` as its output, and gives back its process id.
///
/// Swift can neither fork nor change a child's user: everything between fork and exec must be async-signal-safe, so it is
/// C. `user` and `group` of the caller mean no change. A failure, also of exec, is a negative errno.
pid_t cposix_spawn_as(
    const char *path, char *const argv[], char *const envp[], uid_t user, gid_t group, int log);

/// Sends `bytes` over a unix socket with `count` (1 to 8) open descriptors: the receiver gets descriptors of its own to the same
/// files (SCM_RIGHTS). In C, since the macros that lay out control messages do not import. 0, or a negative errno.
int cposix_send_descriptors(int socket, const int *descriptors, int count, const void *bytes, size_t length);

/// Receives what the other sent, `length` bytes at most and 8 descriptors at most, closed on exec. Gives back how many bytes came
/// and sets `count`, or a negative errno.
ssize_t cposix_receive_descriptors(int socket, int descriptors[8], int *count, void *bytes, size_t length);

/// The user of the process at the other end of a unix socket, or a negative errno.
long cposix_peer_user(int socket);
