#if defined(__linux__)
#define _GNU_SOURCE
#endif
#include "CPosix.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { most = 8 };

int cposix_send_descriptors(int socket, const int *descriptors, int count, const void *bytes, size_t length) {
    if (count < 1 || count > most) return -EINVAL;
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int) * most)];
    } control;
    memset(&control, 0, sizeof control);
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = length};
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)count),
    };
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)count);
    memcpy(CMSG_DATA(header), descriptors, sizeof(int) * (size_t)count);
    ssize_t sent;
    do { sent = sendmsg(socket, &message, 0); } while (sent < 0 && errno == EINTR);
    if (sent < 0) return -errno;
    return (size_t)sent == length ? 0 : -EMSGSIZE;
}

ssize_t cposix_receive_descriptors(int socket, int descriptors[8], int *count, void *bytes, size_t length) {
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int) * most)];
    } control;
    struct iovec part = {.iov_base = bytes, .iov_len = length};
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof control,
    };
    *count = 0;
    ssize_t received;
#if defined(__linux__)
    do { received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC); } while (received < 0 && errno == EINTR);
#else
    do { received = recvmsg(socket, &message, 0); } while (received < 0 && errno == EINTR);
#endif
    if (received < 0) return -errno;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        int arrived = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        for (int index = 0; index < arrived && *count < most; index++) {
            memcpy(&descriptors[*count], CMSG_DATA(header) + sizeof(int) * (size_t)index, sizeof(int));
            fcntl(descriptors[*count], F_SETFD, FD_CLOEXEC);
            *count += 1;
        }
    }
    return received;
}

long cposix_peer_user(int socket) {
#if defined(__linux__)
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) return -errno;
    return (long)peer.uid;
#else
    uid_t user;
    gid_t group;
    if (getpeereid(socket, &user, &group) < 0) return -errno;
    return (long)user;
#endif
}
