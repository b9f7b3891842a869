/* The C interface of ZeroMQ, as programs for libzmq 4.3.5 know it, implemented by Monocoque.
 *
 * Unless something else is said, functions answer 0 or a pointer if they did what they were asked to, and -1
 * or NULL if not; zmq_errno() then tells why. What is old is kept for programs that use it, and marked "old
 * name". The draft part at the end needs ZMQ_BUILD_DRAFT_API to be defined before this header is included.
 */
/* NOLINTBEGIN(modernize-*,readability-identifier-naming): this is C */
#ifndef __ZMQ_H_INCLUDED__ /* libzmq's name for it, which some programs look at */
#define __ZMQ_H_INCLUDED__

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h> /* sigset_t, which <signal.h> lacks in strict C */

#define ZMQ_DEFINED_STDINT 1 /* uint8_t and the like are there */

#if defined ZMQ_NO_EXPORT
#define ZMQ_EXPORT
#else
#define ZMQ_EXPORT __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Version and abilities ---- */

/* The version of the interface that this header describes. */
#define ZMQ_VERSION_MAJOR 4
#define ZMQ_VERSION_MINOR 3
#define ZMQ_VERSION_PATCH 5
#define ZMQ_MAKE_VERSION(major, minor, patch) ((major) * 10000 + (minor) * 100 + (patch))
#define ZMQ_VERSION ZMQ_MAKE_VERSION(ZMQ_VERSION_MAJOR, ZMQ_VERSION_MINOR, ZMQ_VERSION_PATCH)

/* The version of the interface that the library offers. */
ZMQ_EXPORT void zmq_version(int* major, int* minor, int* patch);

/* 1 if the library has "ipc", "curve", "draft", ..., else 0; "draft" only if the program is built with the
 * drafts. */
ZMQ_EXPORT int zmq_has(const char* capability);
#define ZMQ_HAS_CAPABILITIES 1 /* zmq_has is there */

/* ---- Errors ---- */

/* Error numbers of ZeroMQ's own lie above this, where no system has its. */
#define ZMQ_HAUSNUMERO 156384712
#define EFSM (ZMQ_HAUSNUMERO + 51)           /* not now: the socket is in another state (REQ, REP) */
#define ENOCOMPATPROTO (ZMQ_HAUSNUMERO + 52) /* the socket type cannot use this transport */
#define ETERM (ZMQ_HAUSNUMERO + 53)          /* the context is being terminated */
#define EMTHREAD (ZMQ_HAUSNUMERO + 54)       /* the context has no I/O thread */

/* The calling thread's errno. */
ZMQ_EXPORT int zmq_errno(void);
/* What an error number means, of ZeroMQ or the system. The text is not to be freed. */
ZMQ_EXPORT const char* zmq_strerror(int errnum);

/* ---- Contexts ---- */

ZMQ_EXPORT void* zmq_ctx_new(void);
/* Makes blocking calls on the context's sockets fail with ETERM, waits until all are closed and what they
 * have to send is out or has lingered enough, and frees the context. EINTR: call it again. */
ZMQ_EXPORT int zmq_ctx_term(void* context);
/* The first half of zmq_ctx_term: does not wait, frees nothing. */
ZMQ_EXPORT int zmq_ctx_shutdown(void* context);
ZMQ_EXPORT int zmq_ctx_set(void* context, int option, int optval);
/* The value, or -1. */
ZMQ_EXPORT int zmq_ctx_get(void* context, int option);

/* Options of a context. */
#define ZMQ_IO_THREADS 1                 /* threads for input and output */
#define ZMQ_MAX_SOCKETS 2                /* open at a time */
#define ZMQ_SOCKET_LIMIT 3               /* the most that ZMQ_MAX_SOCKETS can be; get only */
#define ZMQ_THREAD_PRIORITY 3            /* of the I/O threads; set only */
#define ZMQ_THREAD_SCHED_POLICY 4        /* of the I/O threads; set only */
#define ZMQ_MAX_MSGSZ 5                  /* bytes that a message may have */
#define ZMQ_MSG_T_SIZE 6                 /* sizeof(zmq_msg_t) in the library; get only */
#define ZMQ_THREAD_AFFINITY_CPU_ADD 7    /* a processor that I/O threads may run on; set only */
#define ZMQ_THREAD_AFFINITY_CPU_REMOVE 8 /* one that they may not run on any more; set only */
#define ZMQ_THREAD_NAME_PREFIX 9         /* of the I/O threads */

#define ZMQ_IO_THREADS_DFLT 1
#define ZMQ_MAX_SOCKETS_DFLT 1023
#define ZMQ_THREAD_PRIORITY_DFLT (-1)
#define ZMQ_THREAD_SCHED_POLICY_DFLT (-1)

ZMQ_EXPORT void* zmq_init(int io_threads);     /* old name: zmq_ctx_new and ZMQ_IO_THREADS */
ZMQ_EXPORT int zmq_term(void* context);        /* old name of zmq_ctx_term */
ZMQ_EXPORT int zmq_ctx_destroy(void* context); /* old name of zmq_ctx_term */

/* ---- Messages ---- */

/* One frame. Its content is the library's alone; it may be moved by copying the bytes. */
typedef struct zmq_msg_t {
  unsigned char _[64] __attribute__((aligned(sizeof(void*))));
} zmq_msg_t;

/* Frees what zmq_msg_init_data was given. Called once, from any thread. */
typedef void(zmq_free_fn)(void* data, void* hint);

/* An empty message, one of `size` bytes to fill in, one that takes over `data` (of the caller's for good if
 * `ffn` is NULL). */
ZMQ_EXPORT int zmq_msg_init(zmq_msg_t* msg);
ZMQ_EXPORT int zmq_msg_init_size(zmq_msg_t* msg, size_t size);
ZMQ_EXPORT int zmq_msg_init_data(zmq_msg_t* msg, void* data, size_t size, zmq_free_fn* ffn, void* hint);
ZMQ_EXPORT int zmq_msg_close(zmq_msg_t* msg);

/* Both messages are initialised ones; what was in `dest` is let go. A copy shares its content with `src`. */
ZMQ_EXPORT int zmq_msg_move(zmq_msg_t* dest, zmq_msg_t* src);
ZMQ_EXPORT int zmq_msg_copy(zmq_msg_t* dest, zmq_msg_t* src);

ZMQ_EXPORT void* zmq_msg_data(zmq_msg_t* msg);
ZMQ_EXPORT size_t zmq_msg_size(const zmq_msg_t* msg);
/* 1 if more frames of the same message follow. */
ZMQ_EXPORT int zmq_msg_more(const zmq_msg_t* msg);

/* The frame's size, or -1. A message that was sent is empty afterwards. */
ZMQ_EXPORT int zmq_msg_send(zmq_msg_t* msg, void* socket, int flags);
ZMQ_EXPORT int zmq_msg_recv(zmq_msg_t* msg, void* socket, int flags);

ZMQ_EXPORT int zmq_msg_get(const zmq_msg_t* msg, int property);
ZMQ_EXPORT int zmq_msg_set(zmq_msg_t* msg, int property, int optval);
#define ZMQ_MORE 1   /* more frames follow */
#define ZMQ_SRCFD 2  /* the descriptor that it came in by; deprecated */
#define ZMQ_SHARED 3 /* another message may have the same content */

/* What is known about the peer that it came from: "Socket-Type", "Routing-Id", "User-Id", "Peer-Address", and
 * what the peer sent along ("X-..."). NULL if there is nothing. Lives as long as the message. */
ZMQ_EXPORT const char* zmq_msg_gets(const zmq_msg_t* msg, const char* property);

/* ---- Sockets ---- */

ZMQ_EXPORT void* zmq_socket(void* context, int type);
ZMQ_EXPORT int zmq_close(void* socket);
ZMQ_EXPORT int zmq_setsockopt(void* socket, int option, const void* optval, size_t optvallen);
/* `*optvallen` is the room on entry, and what the value takes on return. */
ZMQ_EXPORT int zmq_getsockopt(void* socket, int option, void* optval, size_t* optvallen);

ZMQ_EXPORT int zmq_bind(void* socket, const char* endpoint);
ZMQ_EXPORT int zmq_connect(void* socket, const char* endpoint);
ZMQ_EXPORT int zmq_unbind(void* socket, const char* endpoint);
ZMQ_EXPORT int zmq_disconnect(void* socket, const char* endpoint);

/* The bytes sent, or -1. zmq_send_const does not copy: `buf` stays as it is for good. */
ZMQ_EXPORT int zmq_send(void* socket, const void* buf, size_t len, int flags);
ZMQ_EXPORT int zmq_send_const(void* socket, const void* buf, size_t len, int flags);
/* The frame's size, of which at most `len` bytes were stored, or -1. */
ZMQ_EXPORT int zmq_recv(void* socket, void* buf, size_t len, int flags);

#define ZMQ_DONTWAIT 1 /* EAGAIN instead of waiting */
#define ZMQ_SNDMORE 2  /* more frames of this message follow */

ZMQ_EXPORT int zmq_sendmsg(void* socket, zmq_msg_t* msg, int flags); /* old name of zmq_msg_send */
ZMQ_EXPORT int zmq_recvmsg(void* socket, zmq_msg_t* msg, int flags); /* old name of zmq_msg_recv */
struct iovec;
ZMQ_EXPORT int zmq_sendiov(void* socket, struct iovec* iov, size_t count, int flags);
ZMQ_EXPORT int zmq_recviov(void* socket, struct iovec* iov, size_t* count, int flags);

/* Types of sockets. */
#define ZMQ_PAIR 0
#define ZMQ_PUB 1
#define ZMQ_SUB 2
#define ZMQ_REQ 3
#define ZMQ_REP 4
#define ZMQ_DEALER 5
#define ZMQ_ROUTER 6
#define ZMQ_PULL 7
#define ZMQ_PUSH 8
#define ZMQ_XPUB 9
#define ZMQ_XSUB 10
#define ZMQ_STREAM 11       /* raw TCP */
#define ZMQ_XREQ ZMQ_DEALER /* old name */
#define ZMQ_XREP ZMQ_ROUTER /* old name */

/* ---- Options of sockets, of type int where nothing else is said ---- */

/* What it is and how it is doing; get only. */
#define ZMQ_RCVMORE 13
#define ZMQ_FD 14     /* readable when ZMQ_EVENTS may have changed */
#define ZMQ_EVENTS 15 /* ZMQ_POLLIN, ZMQ_POLLOUT */
#define ZMQ_TYPE 16
#define ZMQ_LAST_ENDPOINT 32 /* a string */
#define ZMQ_MECHANISM 43
#define ZMQ_THREAD_SAFE 81

/* Queues and waiting; times in milliseconds. */
#define ZMQ_AFFINITY 4 /* uint64_t: which I/O threads may serve it, a bit each */
#define ZMQ_LINGER 17  /* how long unsent messages outlive the socket; -1: until they are out */
#define ZMQ_SNDHWM 23  /* messages a peer that may wait; 0: any number */
#define ZMQ_RCVHWM 24
#define ZMQ_RCVTIMEO 27  /* -1: for ever */
#define ZMQ_SNDTIMEO 28  /* -1: for ever */
#define ZMQ_IMMEDIATE 39 /* queue only for connections that are up */
#define ZMQ_CONFLATE 54  /* keep the last message alone */
#define ZMQ_BLOCKY 70    /* of a context, too: its sockets linger by default, and it waits for them */

/* Connections; times in milliseconds. */
#define ZMQ_SNDBUF 11
#define ZMQ_RCVBUF 12
#define ZMQ_RECONNECT_IVL 18
#define ZMQ_BACKLOG 19
#define ZMQ_RECONNECT_IVL_MAX 21
#define ZMQ_MAXMSGSIZE 22 /* int64_t: of a frame that is received; -1: any */
#define ZMQ_HANDSHAKE_IVL 66
#define ZMQ_HEARTBEAT_IVL 75
#define ZMQ_HEARTBEAT_TTL 76
#define ZMQ_HEARTBEAT_TIMEOUT 77
#define ZMQ_CONNECT_TIMEOUT 79

/* TCP and IP. */
#define ZMQ_IPV4ONLY 31 /* deprecated: the opposite of ZMQ_IPV6 */
#define ZMQ_TCP_KEEPALIVE 34
#define ZMQ_TCP_KEEPALIVE_CNT 35
#define ZMQ_TCP_KEEPALIVE_IDLE 36
#define ZMQ_TCP_KEEPALIVE_INTVL 37
#define ZMQ_TCP_ACCEPT_FILTER 38 /* deprecated: a string */
#define ZMQ_IPV6 42
#define ZMQ_TOS 57
#define ZMQ_SOCKS_PROXY 68 /* a string */
#define ZMQ_TCP_MAXRT 80
#define ZMQ_USE_FD 89       /* a descriptor that is bound or connected already */
#define ZMQ_BINDTODEVICE 92 /* a string */

/* Other transports. */
#define ZMQ_RATE 8
#define ZMQ_RECOVERY_IVL 9
#define ZMQ_MULTICAST_HOPS 25
#define ZMQ_IPC_FILTER_PID 58 /* deprecated */
#define ZMQ_IPC_FILTER_UID 59 /* deprecated */
#define ZMQ_IPC_FILTER_GID 60 /* deprecated */
#define ZMQ_MULTICAST_MAXTPDU 84
#define ZMQ_VMCI_BUFFER_SIZE 85
#define ZMQ_VMCI_BUFFER_MIN_SIZE 86
#define ZMQ_VMCI_BUFFER_MAX_SIZE 87
#define ZMQ_VMCI_CONNECT_TIMEOUT 88

/* REQ, REP, DEALER, ROUTER and STREAM. */
#define ZMQ_ROUTING_ID 5 /* bytes, 1 to 255 */
#define ZMQ_ROUTER_MANDATORY 33
#define ZMQ_ROUTER_RAW 41
#define ZMQ_PROBE_ROUTER 51
#define ZMQ_REQ_CORRELATE 52
#define ZMQ_REQ_RELAXED 53
#define ZMQ_ROUTER_HANDOVER 56
#define ZMQ_CONNECT_ROUTING_ID 61 /* bytes: what the next peer that is connected to is called */
#define ZMQ_STREAM_NOTIFY 73

/* PUB, SUB, XPUB and XSUB. */
#define ZMQ_SUBSCRIBE 6   /* bytes */
#define ZMQ_UNSUBSCRIBE 7 /* bytes */
#define ZMQ_XPUB_VERBOSE 40
#define ZMQ_XPUB_NODROP 69
#define ZMQ_XPUB_MANUAL 71
#define ZMQ_XPUB_WELCOME_MSG 72 /* bytes */
#define ZMQ_INVERT_MATCHING 74
#define ZMQ_XPUB_VERBOSER 78

/* Security. Names, passwords and domains are strings; keys are 32 bytes or a string of Z85, 40 characters. */
#define ZMQ_PLAIN_SERVER 44
#define ZMQ_PLAIN_USERNAME 45
#define ZMQ_PLAIN_PASSWORD 46
#define ZMQ_CURVE_SERVER 47
#define ZMQ_CURVE_PUBLICKEY 48
#define ZMQ_CURVE_SECRETKEY 49
#define ZMQ_CURVE_SERVERKEY 50
#define ZMQ_ZAP_DOMAIN 55
#define ZMQ_GSSAPI_SERVER 62
#define ZMQ_GSSAPI_PRINCIPAL 63
#define ZMQ_GSSAPI_SERVICE_PRINCIPAL 64
#define ZMQ_GSSAPI_PLAINTEXT 65
#define ZMQ_GSSAPI_PRINCIPAL_NAMETYPE 90
#define ZMQ_GSSAPI_SERVICE_PRINCIPAL_NAMETYPE 91

/* Values of ZMQ_MECHANISM. */
#define ZMQ_NULL 0
#define ZMQ_PLAIN 1
#define ZMQ_CURVE 2
#define ZMQ_GSSAPI 3

/* Values of the GSSAPI name types. */
#define ZMQ_GSSAPI_NT_HOSTBASED 0
#define ZMQ_GSSAPI_NT_USER_NAME 1
#define ZMQ_GSSAPI_NT_KRB5_PRINCIPAL 2

/* Old names. */
#define ZMQ_IDENTITY ZMQ_ROUTING_ID
#define ZMQ_CONNECT_RID ZMQ_CONNECT_ROUTING_ID
#define ZMQ_DELAY_ATTACH_ON_CONNECT ZMQ_IMMEDIATE
#define ZMQ_NOBLOCK ZMQ_DONTWAIT
#define ZMQ_FAIL_UNROUTABLE ZMQ_ROUTER_MANDATORY
#define ZMQ_ROUTER_BEHAVIOR ZMQ_ROUTER_MANDATORY

#define ZMQ_GROUP_MAX_LENGTH 255 /* bytes of the name of a group (RADIO, DISH) */

/* ---- Polling ---- */

typedef int zmq_fd_t;

/* A socket, or if it is NULL a descriptor. */
typedef struct zmq_pollitem_t {
  void* socket;
  zmq_fd_t fd;
  short events;
  short revents;
} zmq_pollitem_t;

#define ZMQ_POLLIN 1
#define ZMQ_POLLOUT 2
#define ZMQ_POLLERR 4
#define ZMQ_POLLPRI 8
#define ZMQ_POLLITEMS_DFLT 16

/* The number of items with events, 0 after `timeout` milliseconds (-1: wait for ever), or -1. */
ZMQ_EXPORT int zmq_poll(zmq_pollitem_t* items, int nitems, long timeout);

/* ---- Proxies ---- */

/* Hands messages on between the two, and copies to `capture` if that is not NULL, until the context is
 * terminated: always -1. */
ZMQ_EXPORT int zmq_proxy(void* frontend, void* backend, void* capture);
/* The same, told by `control` to PAUSE, RESUME, TERMINATE (then 0) and to send STATISTICS. */
ZMQ_EXPORT int zmq_proxy_steerable(void* frontend, void* backend, void* capture, void* control);
ZMQ_EXPORT int zmq_device(int type, void* frontend, void* backend); /* old: a proxy, whatever the type */
#define ZMQ_STREAMER 1
#define ZMQ_FORWARDER 2
#define ZMQ_QUEUE 3

/* ---- Monitors ---- */

/* Events of `socket` go to a PAIR socket bound to `endpoint`, which is an inproc one; NULL stops it. */
ZMQ_EXPORT int zmq_socket_monitor(void* socket, const char* endpoint, int events);

#define ZMQ_EVENT_CONNECTED 0x0001                  /* with the descriptor */
#define ZMQ_EVENT_CONNECT_DELAYED 0x0002            /* it will take some time */
#define ZMQ_EVENT_CONNECT_RETRIED 0x0004            /* with the time until then in milliseconds */
#define ZMQ_EVENT_LISTENING 0x0008                  /* with the descriptor */
#define ZMQ_EVENT_BIND_FAILED 0x0010                /* with the error number */
#define ZMQ_EVENT_ACCEPTED 0x0020                   /* with the descriptor */
#define ZMQ_EVENT_ACCEPT_FAILED 0x0040              /* with the error number */
#define ZMQ_EVENT_CLOSED 0x0080                     /* with the descriptor */
#define ZMQ_EVENT_CLOSE_FAILED 0x0100               /* with the error number */
#define ZMQ_EVENT_DISCONNECTED 0x0200               /* with the descriptor */
#define ZMQ_EVENT_MONITOR_STOPPED 0x0400            /* the last one */
#define ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL 0x0800 /* with the error number */
#define ZMQ_EVENT_HANDSHAKE_SUCCEEDED 0x1000
#define ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL 0x2000 /* with a ZMQ_PROTOCOL_ERROR_... */
#define ZMQ_EVENT_HANDSHAKE_FAILED_AUTH 0x4000     /* with the status of ZAP: 300, 400 or 500 */
#define ZMQ_EVENT_ALL 0xFFFF

/* What a peer did wrong. */
#define ZMQ_PROTOCOL_ERROR_ZMTP_UNSPECIFIED 0x10000000
#define ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND 0x10000001
#define ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE 0x10000002
#define ZMQ_PROTOCOL_ERROR_ZMTP_KEY_EXCHANGE 0x10000003
#define ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED 0x10000011
#define ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_MESSAGE 0x10000012
#define ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO 0x10000013
#define ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_INITIATE 0x10000014
#define ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_ERROR 0x10000015
#define ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_READY 0x10000016
#define ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_WELCOME 0x10000017
#define ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_METADATA 0x10000018
#define ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC 0x11000001      /* or has other keys */
#define ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH 0x11000002 /* or is set up otherwise */
/* What a ZAP handler did wrong. */
#define ZMQ_PROTOCOL_ERROR_ZAP_UNSPECIFIED 0x20000000
#define ZMQ_PROTOCOL_ERROR_ZAP_MALFORMED_REPLY 0x20000001
#define ZMQ_PROTOCOL_ERROR_ZAP_BAD_REQUEST_ID 0x20000002
#define ZMQ_PROTOCOL_ERROR_ZAP_BAD_VERSION 0x20000003
#define ZMQ_PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE 0x20000004
#define ZMQ_PROTOCOL_ERROR_ZAP_INVALID_METADATA 0x20000005
/* What a WebSocket peer did wrong. */
#define ZMQ_PROTOCOL_ERROR_WS_UNSPECIFIED 0x30000000

/* ---- Keys ---- */

/* `size` is a multiple of 4; `dest` has room for size / 4 * 5 characters and a zero. */
ZMQ_EXPORT char* zmq_z85_encode(char* dest, const uint8_t* data, size_t size);
/* The length of `string` is a multiple of 5, and not 0; `dest` has room for 4 bytes for each 5 characters. */
ZMQ_EXPORT uint8_t* zmq_z85_decode(uint8_t* dest, const char* string);
/* Keys are 40 characters of Z85 and a zero: 41 bytes each. ENOTSUP in a library without CURVE. */
ZMQ_EXPORT int zmq_curve_keypair(char* z85_public_key, char* z85_secret_key);
ZMQ_EXPORT int zmq_curve_public(char* z85_public_key, const char* z85_secret_key);

/* ---- Timers ---- */

#define ZMQ_HAVE_TIMERS /* zmq_timers_... are there */

typedef void(zmq_timer_fn)(int timer_id, void* arg);

/* A set of timers that repeat, for one thread at a time: zmq_timers_execute calls the handlers whose time has
 * come, and zmq_timers_timeout tells how long to wait until then (-1: there is nothing to wait for). Times
 * are in milliseconds. */
ZMQ_EXPORT void* zmq_timers_new(void);
ZMQ_EXPORT int zmq_timers_destroy(void** timers_p);
/* The timer's number, 1 or more, or -1. */
ZMQ_EXPORT int zmq_timers_add(void* timers, size_t interval, zmq_timer_fn handler, void* arg);
ZMQ_EXPORT int zmq_timers_cancel(void* timers, int timer_id);
/* Both begin the interval anew. */
ZMQ_EXPORT int zmq_timers_set_interval(void* timers, int timer_id, size_t interval);
ZMQ_EXPORT int zmq_timers_reset(void* timers, int timer_id);
ZMQ_EXPORT long zmq_timers_timeout(void* timers);
ZMQ_EXPORT int zmq_timers_execute(void* timers);

/* ---- Utilities ---- */

/* A number that threads may share, 0 to begin with. `inc` answers what it was before, `dec` 0 if it has
 * become 0, else 1. */
ZMQ_EXPORT void* zmq_atomic_counter_new(void);
ZMQ_EXPORT void zmq_atomic_counter_set(void* counter, int value);
ZMQ_EXPORT int zmq_atomic_counter_inc(void* counter);
ZMQ_EXPORT int zmq_atomic_counter_dec(void* counter);
ZMQ_EXPORT int zmq_atomic_counter_value(void* counter);
ZMQ_EXPORT void zmq_atomic_counter_destroy(void** counter_p);

/* Microseconds since the start. `stop` frees the watch. */
ZMQ_EXPORT void* zmq_stopwatch_start(void);
ZMQ_EXPORT unsigned long zmq_stopwatch_intermediate(void* watch);
ZMQ_EXPORT unsigned long zmq_stopwatch_stop(void* watch);

ZMQ_EXPORT void zmq_sleep(int seconds);

/* Runs `func(arg)`; `zmq_threadclose` waits for its end. */
typedef void(zmq_thread_fn)(void* arg);
ZMQ_EXPORT void* zmq_threadstart(zmq_thread_fn* func, void* arg);
ZMQ_EXPORT void zmq_threadclose(void* thread);

#ifdef ZMQ_BUILD_DRAFT_API

/* ---- Drafts: contexts ---- */

/* For options that are not of type int. */
ZMQ_EXPORT int zmq_ctx_set_ext(void* context, int option, const void* optval, size_t optvallen);
ZMQ_EXPORT int zmq_ctx_get_ext(void* context, int option, void* optval, size_t* optvallen);
#define ZMQ_ZERO_COPY_RECV 10 /* received messages may refer to the buffer that they came in with */

/* ---- Drafts: messages ---- */

/* The peer that a message of SERVER or PEER is for or from; 0: none. */
ZMQ_EXPORT int zmq_msg_set_routing_id(zmq_msg_t* msg, uint32_t routing_id);
ZMQ_EXPORT uint32_t zmq_msg_routing_id(zmq_msg_t* msg);
/* The group that a message of RADIO or DISH belongs to. */
ZMQ_EXPORT int zmq_msg_set_group(zmq_msg_t* msg, const char* group);
ZMQ_EXPORT const char* zmq_msg_group(zmq_msg_t* msg);
/* A message with a copy of `buf`. */
ZMQ_EXPORT int zmq_msg_init_buffer(zmq_msg_t* msg, const void* buf, size_t size);

/* What zmq_msg_gets knows. */
#define ZMQ_MSG_PROPERTY_ROUTING_ID "Routing-Id"
#define ZMQ_MSG_PROPERTY_SOCKET_TYPE "Socket-Type"
#define ZMQ_MSG_PROPERTY_USER_ID "User-Id"
#define ZMQ_MSG_PROPERTY_PEER_ADDRESS "Peer-Address"

/* ---- Drafts: sockets ---- */

#define ZMQ_SERVER 12
#define ZMQ_CLIENT 13
#define ZMQ_RADIO 14
#define ZMQ_DISH 15
#define ZMQ_GATHER 16
#define ZMQ_SCATTER 17
#define ZMQ_DGRAM 18
#define ZMQ_PEER 19
#define ZMQ_CHANNEL 20

/* Groups of a DISH. */
ZMQ_EXPORT int zmq_join(void* socket, const char* group);
ZMQ_EXPORT int zmq_leave(void* socket, const char* group);
/* The routing id of the new peer of a PEER, or 0. */
ZMQ_EXPORT uint32_t zmq_connect_peer(void* socket, const char* endpoint);
ZMQ_EXPORT int zmq_disconnect_peer(void* socket, uint32_t routing_id);
/* ZMQ_POLLOUT if a ROUTER could send to that peer, or -1. */
ZMQ_EXPORT int zmq_socket_get_peer_state(void* socket, const void* routing_id, size_t routing_id_size);

#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#define ZMQ_LOOPBACK_FASTPATH 94
#define ZMQ_METADATA 95 /* a string, "X-name:value" */
#define ZMQ_MULTICAST_LOOP 96
#define ZMQ_ROUTER_NOTIFY 97
#define ZMQ_XPUB_MANUAL_LAST_VALUE 98
#define ZMQ_SOCKS_USERNAME 99  /* a string */
#define ZMQ_SOCKS_PASSWORD 100 /* a string */
#define ZMQ_IN_BATCH_SIZE 101
#define ZMQ_OUT_BATCH_SIZE 102
#define ZMQ_WSS_KEY_PEM 103
#define ZMQ_WSS_CERT_PEM 104
#define ZMQ_WSS_TRUST_PEM 105
#define ZMQ_WSS_HOSTNAME 106
#define ZMQ_WSS_TRUST_SYSTEM 107
#define ZMQ_ONLY_FIRST_SUBSCRIBE 108
#define ZMQ_RECONNECT_STOP 109
#define ZMQ_HELLO_MSG 110      /* bytes */
#define ZMQ_DISCONNECT_MSG 111 /* bytes */
#define ZMQ_PRIORITY 112
#define ZMQ_BUSY_POLL 113
#define ZMQ_HICCUP_MSG 114 /* bytes */
#define ZMQ_XSUB_VERBOSE_UNSUBSCRIBE 115
#define ZMQ_TOPICS_COUNT 116
#define ZMQ_NORM_MODE 117
#define ZMQ_NORM_UNICAST_NACK 118
#define ZMQ_NORM_BUFFER_SIZE 119
#define ZMQ_NORM_SEGMENT_SIZE 120
#define ZMQ_NORM_BLOCK_SIZE 121
#define ZMQ_NORM_NUM_PARITY 122
#define ZMQ_NORM_NUM_AUTOPARITY 123
#define ZMQ_NORM_PUSH 124

/* Values of ZMQ_ROUTER_NOTIFY, which can be added. */
#define ZMQ_NOTIFY_CONNECT 1
#define ZMQ_NOTIFY_DISCONNECT 2

/* Values of ZMQ_RECONNECT_STOP, which can be added. */
#define ZMQ_RECONNECT_STOP_CONN_REFUSED 0x1
#define ZMQ_RECONNECT_STOP_HANDSHAKE_FAILED 0x2
#define ZMQ_RECONNECT_STOP_AFTER_DISCONNECT 0x4

/* Values of ZMQ_NORM_MODE. */
#define ZMQ_NORM_FIXED 0
#define ZMQ_NORM_CC 1
#define ZMQ_NORM_CCL 2
#define ZMQ_NORM_CCE 3
#define ZMQ_NORM_CCE_ECNONLY 4

/* ---- Drafts: polling ---- */

#define ZMQ_HAVE_POLLER /* zmq_poller_... are there */

typedef struct zmq_poller_event_t {
  void* socket;
  zmq_fd_t fd;
  void* user_data;
  short events;
} zmq_poller_event_t;

ZMQ_EXPORT void* zmq_poller_new(void);
ZMQ_EXPORT int zmq_poller_destroy(void** poller_p);
/* How many sockets and descriptors are in it. */
ZMQ_EXPORT int zmq_poller_size(void* poller);
ZMQ_EXPORT int zmq_poller_add(void* poller, void* socket, void* user_data, short events);
ZMQ_EXPORT int zmq_poller_modify(void* poller, void* socket, short events);
ZMQ_EXPORT int zmq_poller_remove(void* poller, void* socket);
ZMQ_EXPORT int zmq_poller_add_fd(void* poller, zmq_fd_t fd, void* user_data, short events);
ZMQ_EXPORT int zmq_poller_modify_fd(void* poller, zmq_fd_t fd, short events);
ZMQ_EXPORT int zmq_poller_remove_fd(void* poller, zmq_fd_t fd);
/* One event; EAGAIN after `timeout` milliseconds (-1: wait for ever). */
ZMQ_EXPORT int zmq_poller_wait(void* poller, zmq_poller_event_t* event, long timeout);
/* The number of events, or -1. */
ZMQ_EXPORT int zmq_poller_wait_all(void* poller, zmq_poller_event_t* events, int n_events, long timeout);
/* A descriptor that is readable when there may be something to wait for no more. */
ZMQ_EXPORT int zmq_poller_fd(void* poller, zmq_fd_t* fd);

/* Like zmq_poll, with `sigmask` as the thread's signal mask while it waits. */
ZMQ_EXPORT int zmq_ppoll(zmq_pollitem_t* items, int nitems, long timeout, const sigset_t* sigmask);

/* ---- Drafts: monitors ---- */

#define ZMQ_EVENT_PIPES_STATS 0x10000 /* with the messages that wait, out and in */
#define ZMQ_CURRENT_EVENT_VERSION 1
#define ZMQ_CURRENT_EVENT_VERSION_DRAFT 2
#define ZMQ_EVENT_ALL_V1 ZMQ_EVENT_ALL
#define ZMQ_EVENT_ALL_V2 (ZMQ_EVENT_ALL_V1 | ZMQ_EVENT_PIPES_STATS)

/* `type` is that of the monitor's socket: PAIR, PUB or PUSH. */
ZMQ_EXPORT int zmq_socket_monitor_versioned(void* socket, const char* endpoint, uint64_t events,
                                            int event_version, int type);
/* Makes an event ZMQ_EVENT_PIPES_STATS for each connection. */
ZMQ_EXPORT int zmq_socket_monitor_pipes_stats(void* socket);

#elif defined(__cplusplus) || (defined(__STDC_VERSION__) && __STDC_VERSION__ >= 199901L)

/* The library has drafts. A program that is built without them is told what its libzmq would tell it. */
static inline int zmq_has_without_drafts(const char* capability) {
  return strcmp(capability, "draft") == 0 ? 0 : zmq_has(capability);
}
#define zmq_has zmq_has_without_drafts

#endif /* ZMQ_BUILD_DRAFT_API */

#undef ZMQ_EXPORT

#ifdef __cplusplus
}
#endif

#endif
/* NOLINTEND(modernize-*,readability-identifier-naming) */
