// What Swift's Glibc module leaves out: epoll, eventfd, signalfd, batches of datagrams, getrandom.
// Every function returns what the system call returns, or the negative errno.
#ifndef CLINUX_H
#define CLINUX_H

#include <stddef.h>
#include <stdint.h>

// One ready descriptor: the token given when it was added, and what it is ready for.
typedef struct {
    uint64_t token;
    uint32_t flags;
} clinux_event;

enum { CLINUX_READABLE = 1, CLINUX_WRITABLE = 2, CLINUX_HANGUP = 4 };

int clinux_poller_create(void);
int clinux_poller_add(int poller, int fd, uint64_t token, uint32_t interest);
int clinux_poller_change(int poller, int fd, uint64_t token, uint32_t interest);
int clinux_poller_remove(int poller, int fd);
int clinux_poller_wait(int poller, clinux_event *events, int capacity, int timeout_ms);

int clinux_eventfd_create(void);
void clinux_eventfd_signal(int fd);
void clinux_eventfd_clear(int fd);

// Blocks SIGTERM, SIGINT, SIGHUP and SIGUSR1 in this thread and those it starts; SIGPIPE is ignored.
int clinux_signalfd_create(void);
// The next signal number, 0 when there is none.
int clinux_signalfd_read(int fd);

// An address as two words: IPv4 in its IPv6-mapped form.
typedef struct {
    uint64_t high;
    uint64_t low;
    uint16_t port;
} clinux_endpoint;

enum { CLINUX_DATAGRAM = 1, CLINUX_STREAM = 2 };
// A bound, non-blocking socket with SO_REUSEADDR, SO_REUSEPORT; listening when it is a stream.
int clinux_listen(const clinux_endpoint *local, int kind, int buffer_bytes, int backlog);
// Makes a socket that somebody else bound ours: its kind, and its address in local; or -errno.
int clinux_adopt(int fd, int buffer_bytes, clinux_endpoint *local);
// 0 when the address can be bound without sharing it, else -errno; nothing stays bound.
int clinux_try_bind(const clinux_endpoint *local, int kind);
int clinux_local_endpoint(int fd, clinux_endpoint *local);
// A blocking socket that is connected to `remote`, for the commands.
int clinux_connect(const clinux_endpoint *remote, int kind, int timeout_ms);
// A non-blocking socket that is connected to `remote`, or will be: a stream is writable once it is.
int clinux_connect_begin(const clinux_endpoint *remote, int kind);
// What went wrong with a socket since the last time it was asked, as a negative errno; else 0.
int clinux_socket_error(int fd);
// The addresses of a host name, in the order of preference; waits for the name server. Returns how many
// there are, 0 when there is none, or a negative errno when it could not be found out.
int clinux_resolve(const char *name, clinux_endpoint *found, int capacity);
// A new non-blocking connection.
int clinux_accept(int fd, clinux_endpoint *remote);
long clinux_receive(int fd, void *bytes, size_t count);
long clinux_send(int fd, const void *bytes, size_t count);
// Closes so that the peer sees a reset rather than an orderly end.
void clinux_close_abruptly(int fd);

// One datagram of a batch. For received ones `local` is the address that heard it, all zero when the
// socket is bound to one address; for sent ones it is the address to speak from.
typedef struct {
    uint32_t offset;
    uint32_t count;
    clinux_endpoint remote;
    clinux_endpoint local;
} clinux_datagram;

typedef struct clinux_batch clinux_batch;
// Room for `capacity` datagrams each way, and `slot` bytes for each received one.
clinux_batch *clinux_batch_create(int capacity, size_t slot);
void clinux_batch_destroy(clinux_batch *batch);
const uint8_t *clinux_batch_bytes(const clinux_batch *batch);
// Fills `datagrams` with what the socket holds. `dropped` is the kernel's count of lost datagrams.
int clinux_batch_receive(clinux_batch *batch, int fd, clinux_datagram *datagrams, uint32_t *dropped);
// Sends `count` datagrams whose offsets are into `bytes`; returns how many went out.
int clinux_batch_send(
    clinux_batch *batch, int fd, const uint8_t *bytes, const clinux_datagram *datagrams, int count);

int64_t clinux_monotonic_ns(void);
int64_t clinux_wall_us(void);
int clinux_random(void *bytes, size_t count);

int clinux_thread_name(const char *name);
// Lowers the calling thread's share of the processor.
void clinux_thread_yields_to_calls(void);
// One datagram to a UNIX socket; a leading '@' means the abstract namespace.
int clinux_notify(const char *path, const char *text);

// User plus system time of this process, microseconds, and its resident memory, bytes.
int64_t clinux_process_cpu_us(void);
int64_t clinux_resident_bytes(void);
// The processors that this process may run on.
int clinux_processor_count(void);
int clinux_raise_descriptor_limit(void);
// A fault ends the process at once, without a core file or a backtrace, whose memory would hold secrets.
void clinux_die_silently(void);
// Blocks of 48 KiB and more are mappings of their own, which go back to the kernel when they are freed.
// Left alone, glibc raises that bound to the largest mapping that was ever freed, and keeps the rest.
void clinux_give_memory_back(void);

#endif
