#define _GNU_SOURCE
#include "include/clinux.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static int result(long value) { return value < 0 ? -errno : (int)value; }

// --- epoll ---------------------------------------------------------------------------------------

int clinux_poller_create(void) { return result(epoll_create1(EPOLL_CLOEXEC)); }

static int control(int poller, int operation, int fd, uint64_t token, uint32_t interest) {
    struct epoll_event event = {.data.u64 = token};
    if (interest & CLINUX_READABLE) event.events |= EPOLLIN | EPOLLRDHUP;
    if (interest & CLINUX_WRITABLE) event.events |= EPOLLOUT;
    return result(epoll_ctl(poller, operation, fd, &event));
}

int clinux_poller_add(int poller, int fd, uint64_t token, uint32_t interest) {
    return control(poller, EPOLL_CTL_ADD, fd, token, interest);
}

int clinux_poller_change(int poller, int fd, uint64_t token, uint32_t interest) {
    return control(poller, EPOLL_CTL_MOD, fd, token, interest);
}

int clinux_poller_remove(int poller, int fd) { return control(poller, EPOLL_CTL_DEL, fd, 0, 0); }

int clinux_poller_wait(int poller, clinux_event *events, int capacity, int timeout_ms) {
    struct epoll_event ready[256];
    if (capacity > 256) capacity = 256;
    int count = epoll_wait(poller, ready, capacity, timeout_ms);
    if (count < 0) return errno == EINTR ? 0 : -errno;
    for (int i = 0; i < count; i++) {
        uint32_t flags = 0;
        if (ready[i].events & (EPOLLIN | EPOLLRDHUP)) flags |= CLINUX_READABLE;
        if (ready[i].events & EPOLLOUT) flags |= CLINUX_WRITABLE;
        if (ready[i].events & (EPOLLHUP | EPOLLERR)) flags |= CLINUX_HANGUP;
        events[i] = (clinux_event){.token = ready[i].data.u64, .flags = flags};
    }
    return count;
}

// --- eventfd, signalfd -----------------------------------------------------------------------------

int clinux_eventfd_create(void) { return result(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

void clinux_eventfd_signal(int fd) {
    uint64_t one = 1;
    while (write(fd, &one, sizeof one) < 0 && errno == EINTR) {}
}

void clinux_eventfd_clear(int fd) {
    uint64_t count;
    while (read(fd, &count, sizeof count) < 0 && errno == EINTR) {}
}

int clinux_signalfd_create(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGUSR1);
    int error = pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (error) return -error;
    signal(SIGPIPE, SIG_IGN);
    return result(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

int clinux_signalfd_read(int fd) {
    struct signalfd_siginfo info;
    ssize_t count = read(fd, &info, sizeof info);
    return count == sizeof info ? (int)info.ssi_signo : 0;
}

// --- addresses -------------------------------------------------------------------------------------

static uint64_t load_word(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return be64toh(word);
}

static void store_word(uint8_t *bytes, uint64_t word) {
    word = htobe64(word);
    memcpy(bytes, &word, sizeof word);
}

static int is_ipv4(const clinux_endpoint *endpoint) {
    return endpoint->high == 0 && endpoint->low >> 32 == 0xFFFF;
}

static socklen_t to_socket_address(const clinux_endpoint *endpoint, int family, void *out) {
    if (family == AF_INET) {
        struct sockaddr_in *v4 = out;
        memset(v4, 0, sizeof *v4);
        v4->sin_family = AF_INET;
        v4->sin_port = htons(endpoint->port);
        v4->sin_addr.s_addr = htonl((uint32_t)endpoint->low);
        return sizeof *v4;
    }
    struct sockaddr_in6 *v6 = out;
    memset(v6, 0, sizeof *v6);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(endpoint->port);
    store_word(v6->sin6_addr.s6_addr, endpoint->high);
    store_word(v6->sin6_addr.s6_addr + 8, endpoint->low);
    return sizeof *v6;
}

static void from_socket_address(const void *address, clinux_endpoint *out) {
    const struct sockaddr *any = address;
    if (any->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = address;
        out->high = 0;
        out->low = 0xFFFF00000000ULL | ntohl(v4->sin_addr.s_addr);
        out->port = ntohs(v4->sin_port);
    } else {
        const struct sockaddr_in6 *v6 = address;
        out->high = load_word(v6->sin6_addr.s6_addr);
        out->low = load_word(v6->sin6_addr.s6_addr + 8);
        out->port = ntohs(v6->sin6_port);
    }
}

// --- sockets ---------------------------------------------------------------------------------------

static void set_flag(int fd, int level, int option) {
    int on = 1;
    setsockopt(fd, level, option, &on, sizeof on);
}

static void prepare_datagrams(int fd, const clinux_endpoint *local, int family, int buffer_bytes) {
    if (buffer_bytes > 0) {
        if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer_bytes, sizeof buffer_bytes) < 0)
            setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
        if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &buffer_bytes, sizeof buffer_bytes) < 0)
            setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
    }
    set_flag(fd, SOL_SOCKET, SO_RXQ_OVFL);
    // A socket on the wildcard address must learn which address heard the request, so that the
    // answer leaves from it (RFC 3581 section 4).
    int wildcard = local->high == 0 && (local->low == 0 || local->low == 0xFFFF00000000ULL);
    if (wildcard && family == AF_INET) set_flag(fd, IPPROTO_IP, IP_PKTINFO);
    if (wildcard && family == AF_INET6) set_flag(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO);
}

int clinux_listen(const clinux_endpoint *local, int kind, int buffer_bytes, int backlog) {
    int family = is_ipv4(local) ? AF_INET : AF_INET6;
    int type = kind == CLINUX_DATAGRAM ? SOCK_DGRAM : SOCK_STREAM;
    int fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -errno;
    set_flag(fd, SOL_SOCKET, SO_REUSEADDR);
    set_flag(fd, SOL_SOCKET, SO_REUSEPORT);
    if (family == AF_INET6) set_flag(fd, IPPROTO_IPV6, IPV6_V6ONLY);
    if (kind == CLINUX_DATAGRAM) prepare_datagrams(fd, local, family, buffer_bytes);
    struct sockaddr_storage address;
    socklen_t length = to_socket_address(local, family, &address);
    if (bind(fd, (struct sockaddr *)&address, length) < 0
        || (kind == CLINUX_STREAM && listen(fd, backlog) < 0)) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd;
}

int clinux_adopt(int fd, int buffer_bytes, clinux_endpoint *local) {
    int type = 0, listens = 0;
    socklen_t length = sizeof type;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) < 0) return -errno;
    length = sizeof listens;
    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length);
    struct sockaddr_storage address;
    length = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &length) < 0) return -errno;
    if (address.ss_family != AF_INET && address.ss_family != AF_INET6) return -EAFNOSUPPORT;
    if (type != SOCK_DGRAM && !(type == SOCK_STREAM && listens)) return -EINVAL;
    from_socket_address(&address, local);
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        return -errno;
    if (type == SOCK_STREAM) return CLINUX_STREAM;
    prepare_datagrams(fd, local, address.ss_family, buffer_bytes);
    return CLINUX_DATAGRAM;
}

int clinux_try_bind(const clinux_endpoint *local, int kind) {
    int family = is_ipv4(local) ? AF_INET : AF_INET6;
    int fd = socket(family, (kind == CLINUX_DATAGRAM ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    if (kind == CLINUX_STREAM) set_flag(fd, SOL_SOCKET, SO_REUSEADDR);
    struct sockaddr_storage address;
    socklen_t length = to_socket_address(local, family, &address);
    int result = bind(fd, (struct sockaddr *)&address, length) == 0 ? 0 : -errno;
    close(fd);
    return result;
}

int clinux_local_endpoint(int fd, clinux_endpoint *local) {
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &length) < 0) return -errno;
    from_socket_address(&address, local);
    return 0;
}

int clinux_connect(const clinux_endpoint *remote, int kind, int timeout_ms) {
    int family = is_ipv4(remote) ? AF_INET : AF_INET6;
    int type = kind == CLINUX_DATAGRAM ? SOCK_DGRAM : SOCK_STREAM;
    int fd = socket(family, type | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    struct timeval limit = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    struct sockaddr_storage address;
    socklen_t length = to_socket_address(remote, family, &address);
    if (connect(fd, (struct sockaddr *)&address, length) < 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd;
}

int clinux_connect_begin(const clinux_endpoint *remote, int kind) {
    int family = is_ipv4(remote) ? AF_INET : AF_INET6;
    int type = kind == CLINUX_DATAGRAM ? SOCK_DGRAM : SOCK_STREAM;
    int fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -errno;
    if (kind == CLINUX_STREAM) set_flag(fd, IPPROTO_TCP, TCP_NODELAY);
    struct sockaddr_storage address;
    socklen_t length = to_socket_address(remote, family, &address);
    if (connect(fd, (struct sockaddr *)&address, length) < 0 && errno != EINPROGRESS) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd;
}

int clinux_socket_error(int fd) {
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0) return -errno;
    return -error;
}

int clinux_resolve(const char *name, clinux_endpoint *found, int capacity) {
    // One entry for each address and not one for each kind of socket; only families that this host has.
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *list = NULL;
    int error = getaddrinfo(name, NULL, &hints, &list);
    if (error == EAI_NONAME || error == EAI_NODATA) return 0;
    if (error != 0) return error == EAI_SYSTEM && errno != 0 ? -errno : -EAGAIN;
    int count = 0;
    for (struct addrinfo *entry = list; entry && count < capacity; entry = entry->ai_next) {
        if (entry->ai_family != AF_INET && entry->ai_family != AF_INET6) continue;
        from_socket_address(entry->ai_addr, &found[count]);
        count++;
    }
    freeaddrinfo(list);
    return count;
}

int clinux_accept(int fd, clinux_endpoint *remote) {
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    int accepted = accept4(fd, (struct sockaddr *)&address, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (accepted < 0) return -errno;
    set_flag(accepted, IPPROTO_TCP, TCP_NODELAY);
    set_flag(accepted, SOL_SOCKET, SO_KEEPALIVE);
    from_socket_address(&address, remote);
    return accepted;
}

long clinux_receive(int fd, void *bytes, size_t count) {
    ssize_t received;
    do received = recv(fd, bytes, count, 0);
    while (received < 0 && errno == EINTR);
    return received < 0 ? -errno : received;
}

long clinux_send(int fd, const void *bytes, size_t count) {
    ssize_t sent;
    do sent = send(fd, bytes, count, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}

void clinux_close_abruptly(int fd) {
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
}

// --- batches of datagrams ----------------------------------------------------------------------------

enum { CONTROL_BYTES = 128 };

struct clinux_batch {
    int capacity;
    size_t slot;
    uint8_t *bytes;
    struct mmsghdr *headers;
    struct iovec *vectors;
    struct sockaddr_in6 *names;
    uint8_t *control;
    struct mmsghdr *out_headers;
    struct iovec *out_vectors;
    struct sockaddr_in6 *out_names;
    uint8_t *out_control;
};

void clinux_batch_destroy(clinux_batch *batch) {
    if (!batch) return;
    free(batch->bytes);
    free(batch->headers);
    free(batch->vectors);
    free(batch->names);
    free(batch->control);
    free(batch->out_headers);
    free(batch->out_vectors);
    free(batch->out_names);
    free(batch->out_control);
    free(batch);
}

clinux_batch *clinux_batch_create(int capacity, size_t slot) {
    clinux_batch *batch = calloc(1, sizeof *batch);
    if (!batch) return NULL;
    size_t n = (size_t)capacity;
    batch->capacity = capacity;
    batch->slot = slot;
    batch->bytes = malloc(n * slot);
    batch->headers = calloc(n, sizeof *batch->headers);
    batch->vectors = calloc(n, sizeof *batch->vectors);
    batch->names = calloc(n, sizeof *batch->names);
    batch->control = calloc(n, CONTROL_BYTES);
    batch->out_headers = calloc(n, sizeof *batch->out_headers);
    batch->out_vectors = calloc(n, sizeof *batch->out_vectors);
    batch->out_names = calloc(n, sizeof *batch->out_names);
    batch->out_control = calloc(n, CONTROL_BYTES);
    if (!batch->bytes || !batch->headers || !batch->vectors || !batch->names || !batch->control
        || !batch->out_headers || !batch->out_vectors || !batch->out_names || !batch->out_control) {
        clinux_batch_destroy(batch);
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        batch->vectors[i] = (struct iovec){batch->bytes + i * slot, slot};
        batch->headers[i].msg_hdr.msg_iov = &batch->vectors[i];
        batch->headers[i].msg_hdr.msg_iovlen = 1;
        batch->headers[i].msg_hdr.msg_name = &batch->names[i];
        batch->headers[i].msg_hdr.msg_control = batch->control + i * CONTROL_BYTES;
        batch->out_headers[i].msg_hdr.msg_iov = &batch->out_vectors[i];
        batch->out_headers[i].msg_hdr.msg_iovlen = 1;
        batch->out_headers[i].msg_hdr.msg_name = &batch->out_names[i];
    }
    return batch;
}

const uint8_t *clinux_batch_bytes(const clinux_batch *batch) { return batch->bytes; }

static void read_control(struct msghdr *header, clinux_endpoint *local, uint32_t *dropped) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL) {
            memcpy(dropped, CMSG_DATA(c), sizeof *dropped);
        } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            local->low = 0xFFFF00000000ULL | ntohl(info.ipi_spec_dst.s_addr);
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            local->high = load_word(info.ipi6_addr.s6_addr);
            local->low = load_word(info.ipi6_addr.s6_addr + 8);
        }
    }
}

int clinux_batch_receive(
    clinux_batch *batch, int fd, clinux_datagram *datagrams, uint32_t *dropped) {
    for (int i = 0; i < batch->capacity; i++) {
        batch->headers[i].msg_hdr.msg_namelen = sizeof batch->names[i];
        batch->headers[i].msg_hdr.msg_controllen = CONTROL_BYTES;
    }
    int count = recvmmsg(fd, batch->headers, (unsigned)batch->capacity, MSG_DONTWAIT, NULL);
    if (count < 0) return -errno;
    for (int i = 0; i < count; i++) {
        clinux_datagram *d = &datagrams[i];
        d->offset = (uint32_t)((size_t)i * batch->slot);
        d->count = batch->headers[i].msg_len;
        from_socket_address(&batch->names[i], &d->remote);
        d->local = (clinux_endpoint){0, 0, 0};
        if (batch->headers[i].msg_hdr.msg_controllen > 0)
            read_control(&batch->headers[i].msg_hdr, &d->local, dropped);
    }
    return count;
}

static void write_control(struct msghdr *header, uint8_t *room, const clinux_endpoint *local) {
    if (local->high == 0 && local->low == 0) {
        header->msg_control = NULL;
        header->msg_controllen = 0;
        return;
    }
    memset(room, 0, CONTROL_BYTES);
    header->msg_control = room;
    header->msg_controllen = CONTROL_BYTES;
    struct cmsghdr *c = CMSG_FIRSTHDR(header);
    if (is_ipv4(local)) {
        struct in_pktinfo info = {.ipi_spec_dst.s_addr = htonl((uint32_t)local->low)};
        c->cmsg_level = IPPROTO_IP;
        c->cmsg_type = IP_PKTINFO;
        c->cmsg_len = CMSG_LEN(sizeof info);
        memcpy(CMSG_DATA(c), &info, sizeof info);
        header->msg_controllen = CMSG_SPACE(sizeof info);
    } else {
        struct in6_pktinfo info = {0};
        store_word(info.ipi6_addr.s6_addr, local->high);
        store_word(info.ipi6_addr.s6_addr + 8, local->low);
        c->cmsg_level = IPPROTO_IPV6;
        c->cmsg_type = IPV6_PKTINFO;
        c->cmsg_len = CMSG_LEN(sizeof info);
        memcpy(CMSG_DATA(c), &info, sizeof info);
        header->msg_controllen = CMSG_SPACE(sizeof info);
    }
}

int clinux_batch_send(
    clinux_batch *batch, int fd, const uint8_t *bytes, const clinux_datagram *datagrams, int count) {
    if (count > batch->capacity) count = batch->capacity;
    for (int i = 0; i < count; i++) {
        const clinux_datagram *d = &datagrams[i];
        int family = is_ipv4(&d->remote) ? AF_INET : AF_INET6;
        batch->out_vectors[i] = (struct iovec){(void *)(bytes + d->offset), d->count};
        struct msghdr *header = &batch->out_headers[i].msg_hdr;
        header->msg_namelen = to_socket_address(&d->remote, family, &batch->out_names[i]);
        write_control(header, batch->out_control + (size_t)i * CONTROL_BYTES, &d->local);
    }
    int sent;
    do sent = sendmmsg(fd, batch->out_headers, (unsigned)count, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}

// --- clocks, randomness, process ---------------------------------------------------------------------

int64_t clinux_monotonic_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t clinux_wall_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int clinux_random(void *bytes, size_t count) {
    uint8_t *room = bytes;
    while (count > 0) {
        ssize_t got = getrandom(room, count, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -errno;
        room += got;
        count -= (size_t)got;
    }
    return 0;
}

int clinux_thread_name(const char *name) { return -pthread_setname_np(pthread_self(), name); }

void clinux_thread_yields_to_calls(void) {
    setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), 19);
}

int clinux_notify(const char *path, const char *text) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof address.sun_path) return -ENAMETOOLONG;
    memcpy(address.sun_path, path, length);
    if (path[0] == '@') address.sun_path[0] = 0;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    ssize_t sent =
        sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&address, size);
    int error = sent < 0 ? -errno : 0;
    close(fd);
    return error;
}

int64_t clinux_process_cpu_us(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return ((int64_t)usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000
        + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

int64_t clinux_resident_bytes(void) {
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file) return 0;
    long size = 0, resident = 0;
    int read = fscanf(file, "%ld %ld", &size, &resident);
    fclose(file);
    return read == 2 ? (int64_t)resident * sysconf(_SC_PAGESIZE) : 0;
}

int clinux_processor_count(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    return sched_getaffinity(0, sizeof set, &set) < 0 ? 1 : CPU_COUNT(&set);
}

int clinux_raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
    limit.rlim_cur = limit.rlim_max;
    return result(setrlimit(RLIMIT_NOFILE, &limit));
}

void clinux_give_memory_back(void) { mallopt(M_MMAP_THRESHOLD, 48 << 10); }

void clinux_die_silently(void) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);
    // A runtime that prints memory on a fault would print secrets, and it would delay the restart.
    int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGQUIT};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) signal(faults[i], SIG_DFL);
}
