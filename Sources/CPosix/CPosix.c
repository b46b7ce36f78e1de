// For pipe2.
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif

#include "CPosix.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

/// The child's half: only async-signal-safe calls. Returns when something failed, with errno set.
static void become(const char *path, char *const argv[], char *const envp[], uid_t user, gid_t group, int log) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    if (setsid() < 0) return;
    int null = open("/dev/null", O_RDONLY);
    if (null < 0 || dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0) return;
    if (user != geteuid()) {
        if (setgroups(1, &group) < 0 || setgid(group) < 0 || setuid(user) < 0) return;
    }
#if defined(__linux__)
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return;
#endif
    if (chdir("/") < 0) return;
    execve(path, argv, envp);
}

pid_t cposix_spawn_as(
    const char *path, char *const argv[], char *const envp[], uid_t user, gid_t group, int log) {
    int report[2];
#if defined(__linux__)
    // At once: another thread may start a program between two calls, and as long as that holds the pipe open we would wait.
    if (pipe2(report, O_CLOEXEC) < 0) return -errno;
#else
    if (pipe(report) < 0) return -errno;
    if (fcntl(report[0], F_SETFD, FD_CLOEXEC) < 0 || fcntl(report[1], F_SETFD, FD_CLOEXEC) < 0) return -errno;
#endif
    long limit = sysconf(_SC_OPEN_MAX);
    pid_t child = fork();
    if (child < 0) {
        int failure = errno;
        close(report[0]);
        close(report[1]);
        return -failure;
    }
    if (child == 0) {
        // Descriptors of ours, above all the listening socket, are not the child's.
        for (int other = 3; other < (limit < 4096 ? (int)limit : 4096); other++) {
            if (other != report[1] && other != log) close(other);
        }
        become(path, argv, envp, user, group, log);
        int failure = errno;
        ssize_t told = write(report[1], &failure, sizeof failure);
        _exit(told == sizeof failure ? 127 : 126);
    }
    close(report[1]);
    int failure = 0;
    ssize_t told;
    do { told = read(report[0], &failure, sizeof failure); } while (told < 0 && errno == EINTR);
    close(report[0]);
    if (told <= 0) return child;
    waitpid(child, NULL, 0);
    return -failure;
}
