"""A peer process of `monocoque demo` that speaks through libzmq (pyzmq).

Plays the roles that the C++ files roles_*.cpp play with Monocoque: same arguments (KEY=VALUE), same orders on standard
input, same reports on standard output, same bytes in the messages (payload.hpp). The build puts this text into the
program, which runs it as `python3 -c TEXT KEY=VALUE...`.
"""
import collections
import os
import random
import struct
import sys
import threading
import time
import zlib

import zmq

DATA, MARK = 0, 1
LABEL = struct.Struct("<IIII")
CRC = struct.Struct("<I")
LABEL_BYTES = LABEL.size + CRC.size
LARGEST_FRAME = 65536
LARGE_EVERY = 500

PATIENCE_MS = 8000  # how long to wait for a message that must come
LOOK_MS = 50        # how often a waiting peer looks for orders
FINDINGS_WRITTEN = 5

# Sequence number modulo ten -> bytes in the label's own frame, sizes of further frames.
SHAPES = ((0, ()), (255 - LABEL_BYTES, ()), (256 - LABEL_BYTES, ()), (0, (0,)), (0, (255, 256)),
          (64, ()), (1000, ()), (0, (1, 0, 500)), (100, ()), (30, ()))
BLOCK = random.Random(20010203).randbytes(2 * LARGEST_FRAME)


def crc_of_frame(frame, crc):
    return zlib.crc32(frame, zlib.crc32(CRC.pack(len(frame)), crc))


def make_message(stream, sequence, kind=DATA, prefix=None):
    in_place, sizes = SHAPES[sequence % 10]
    if sequence % LARGE_EVERY == LARGE_EVERY - 1:
        in_place, sizes = 0, (LARGEST_FRAME,)
    start = sequence * 7919 % LARGEST_FRAME
    body = BLOCK[start:start + in_place]
    frames = [BLOCK[start:start + size] for size in sizes]
    label = LABEL.pack(stream, sequence, kind, in_place + sum(sizes))
    crc = zlib.crc32(body, zlib.crc32(label))
    for frame in frames:
        crc = crc_of_frame(frame, crc)
    if prefix is not None:
        crc = crc_of_frame(prefix, crc)
    head = label + CRC.pack(crc) + body
    return ([] if prefix is None else [prefix]) + [head] + frames


def check_message(frames, at=0):
    """(stream, sequence, kind), or None if any byte is not as it was made."""
    if len(frames) <= at or len(frames[at]) < LABEL_BYTES:
        return None
    head = frames[at]
    stream, sequence, kind, body_bytes = LABEL.unpack_from(head)
    size = len(head) - LABEL_BYTES
    crc = zlib.crc32(head[LABEL_BYTES:], zlib.crc32(head[:LABEL.size]))
    for frame in frames[at + 1:]:
        crc = crc_of_frame(frame, crc)
        size += len(frame)
    for frame in frames[:at]:
        crc = crc_of_frame(frame, crc)
    if size != body_bytes or crc != CRC.unpack_from(head, LABEL.size)[0]:
        return None
    return stream, sequence, kind


def report(line):
    os.write(1, (line + "\n").encode())


class Orders:
    """What the parent says, read by a thread of its own; the end of the input ends the process."""

    def __init__(self):
        self._changed = threading.Condition()
        self._orders = collections.defaultdict(collections.deque)
        self._findings = 0
        self._last_progress = 0.0
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        pending = b""
        while chunk := os.read(0, 4096):  # not sys.stdin: its lock would outlive the main thread
            *lines, pending = (pending + chunk).split(b"\n")
            with self._changed:
                for line in lines:
                    word, _, rest = line.decode().partition(" ")
                    self._orders[word].append(rest)
                self._changed.notify_all()
        os._exit(1)

    def wait(self, word, timeout=None):
        with self._changed:
            if not self._changed.wait_for(lambda: self._orders[word], timeout):
                return None
            return self._orders[word].popleft()

    def has(self, word):
        return bool(self._orders[word])

    def stopping(self):
        return self.has("stop")

    def progress(self, messages):
        now = time.monotonic()
        if now - self._last_progress >= 0.1:
            self._last_progress = now
            report(f"progress {messages}")

    def wrong(self, kind, detail):
        self._findings += 1
        if self._findings <= FINDINGS_WRITTEN:
            report(f"wrong {kind}: {detail}")


class Ledger:
    """Whether sequence numbers come as they should."""

    def __init__(self, orders):
        self._orders = orders
        self._next = collections.defaultdict(int)
        self._last = {}
        self.counts = collections.Counter()
        self.total = 0

    def expect_next(self, stream, sequence):
        due = self._next[stream]
        if sequence != due:
            kind = "lost or reordered" if sequence > due else "repeated or reordered"
            self._orders.wrong(kind, f"stream {stream}: {sequence} came where {due} was due")
        self._next[stream] = max(due, sequence + 1)
        self.counts[stream] += 1
        self.total += 1

    def expect_rising(self, path, sequence):
        last = self._last.get(path, -1)
        if sequence <= last:
            self._orders.wrong("repeated or reordered", f"{sequence} came after {last}")
        self._last[path] = max(last, sequence)

    def report_counts(self):
        for stream, count in self.counts.items():
            report(f"count received:{stream} {count}")


class Stage:
    def __init__(self, settings):
        self.settings = settings
        self.orders = Orders()
        self.context = zmq.Context()

    def socket(self, kind, **options):
        socket = self.context.socket(kind)
        socket.linger = PATIENCE_MS
        for name, value in options.items():
            setattr(socket, name, value)
        return socket

    def bind(self, socket):
        socket.bind(self.settings["bind"])
        report("ready " + socket.last_endpoint.decode().rstrip("\0"))

    def connect(self, socket):
        for endpoint in self.orders.wait("connect").split():
            socket.connect(endpoint)
        report("ready")

    def list(self, name):
        return self.settings[name].split(",")

    def number(self, name):
        return int(self.settings[name])


def receive(socket, timeout_ms=LOOK_MS):
    """The frames of the next message, or None."""
    try:
        return socket.recv_multipart(zmq.NOBLOCK)
    except zmq.Again:
        return socket.recv_multipart() if socket.poll(timeout_ms) else None


def report_round_trips(times):
    for start in range(0, len(times), 500):
        report("rtt " + " ".join(str(int(1e6 * time)) for time in times[start:start + 500]))


def play_rep(on):
    socket = on.socket(zmq.REP)
    on.connect(socket)
    ledger, served = Ledger(on.orders), 0
    while not on.orders.stopping():
        frames = receive(socket)
        if frames is None:
            continue
        label = check_message(frames)
        if label:
            ledger.expect_rising(label[0], label[1])
        else:
            on.orders.wrong("altered", "a request")
        socket.send_multipart(frames)
        served += 1
    report(f"count served {served}")


def play_req(on):
    socket = on.socket(zmq.REQ)
    on.connect(socket)
    on.orders.wait("go")
    stream, sequence, times = on.number("stream"), 0, []
    while not on.orders.stopping():
        message = make_message(stream, sequence)
        start = time.perf_counter()
        socket.send_multipart(message)
        reply = receive(socket, PATIENCE_MS)
        if reply is None:
            on.orders.wrong("lost", f"no reply to request {sequence}")
            return
        times.append(time.perf_counter() - start)
        label = check_message(reply)
        if not label:
            on.orders.wrong("altered", f"the reply to request {sequence}")
        elif label[:2] != (stream, sequence):
            on.orders.wrong("reordered", f"reply {label[1]} of stream {label[0]} to request {sequence}")
        sequence += 1
        on.orders.progress(sequence)
    report(f"count exchanged {sequence}")
    report_round_trips(times)


WINDOW = 500  # messages that a publisher sends before all subscribers must have caught up


def play_pub(on):
    socket = on.socket(zmq.PUB, sndhwm=2 * WINDOW)
    on.bind(socket)
    topics = [topic.encode() for topic in on.list("topics")]
    first, sent, window = on.number("stream"), [0] * len(topics), 0
    while not on.orders.stopping():
        marked = False
        while not on.orders.stopping() and on.orders.wait("go", 0.02 if marked else 0) is None:
            if not marked or window == 0:
                for index, topic in enumerate(topics):
                    socket.send_multipart(make_message(first + index, window, MARK, topic))
            marked = True
        if on.orders.stopping():
            break
        for count in range(WINDOW):
            index = count % len(topics)
            socket.send_multipart(make_message(first + index, sent[index], DATA, topics[index]))
            sent[index] += 1
        window += 1
    for index, count in enumerate(sent):
        report(f"count sent:{first + index} {count}")


def play_sub(on):
    # No linger: its subscriptions would wait for the publishers to come back.
    socket = on.socket(zmq.SUB, rcvhwm=2 * WINDOW, linger=0)
    topics = tuple(topic.encode() for topic in on.list("topics"))
    for topic in topics:
        socket.subscribe(topic)
    on.connect(socket)
    ledger, marks = Ledger(on.orders), {}
    while not on.orders.stopping():
        frames = receive(socket)
        if frames is None:
            continue
        label = check_message(frames, 1)
        if not label:
            on.orders.wrong("altered", "a published message")
            continue
        stream, sequence, kind = label
        if not frames[0].startswith(topics):
            on.orders.wrong("unasked", frames[0].decode("latin-1"))
        elif kind == DATA:
            ledger.expect_next(stream, sequence)
            on.orders.progress(ledger.total)
        elif sequence > marks.get(stream, -1):
            marks[stream] = sequence
            report(f"mark {stream} {sequence}")
    ledger.report_counts()


SHORT_QUEUE = 100


def push_on(on, socket, frames, end):
    """False if the order to end came before there was room."""
    while True:
        try:
            socket.send_multipart(frames, zmq.NOBLOCK)
            return True
        except zmq.Again:
            socket.poll(LOOK_MS, zmq.POLLOUT)
            if on.orders.has(end):
                return False


def play_push(on):
    socket = on.socket(zmq.PUSH, sndhwm=SHORT_QUEUE)
    on.bind(socket)
    on.orders.wait("go")
    stream, sequence = on.number("stream"), 0
    while not on.orders.has("pause") and push_on(on, socket, make_message(stream, sequence), "pause"):
        sequence += 1
    report(f"count sent:{stream} {sequence}")
    report("paused")
    on.orders.wait("stop")


def play_worker(on):
    source = on.socket(zmq.PULL, rcvhwm=SHORT_QUEUE)
    sink = on.socket(zmq.PUSH, sndhwm=SHORT_QUEUE)
    sink.connect(on.orders.wait("sink"))
    on.connect(source)
    number, ledger, handled = on.settings["worker"].encode(), Ledger(on.orders), 0
    while not on.orders.stopping():
        frames = receive(source)
        if frames is None:
            continue
        label = check_message(frames)
        if label:
            ledger.expect_rising(label[0], label[1])
        else:
            on.orders.wrong("altered", "a piece of work")
        handled += push_on(on, sink, [number] + frames, "stop")
    report(f"count handled {handled}")


UNDER_WAY = 8  # messages on the way to each DEALER and back


def play_router(on):
    socket = on.socket(zmq.ROUTER, router_mandatory=1)
    on.bind(socket)
    names = [name.encode() for name in on.list("names")]
    absent = set(names)
    while absent:
        hello = receive(socket)
        if hello:
            absent.discard(hello[0])
    report("present")
    on.orders.wait("go")

    first, times, ledger = on.number("stream"), [], Ledger(on.orders)
    sent = dict.fromkeys(names, 0)
    departures = {name: collections.deque() for name in names}
    streams = {name: first + index for index, name in enumerate(names)}
    while True:
        stopping = on.orders.stopping()
        if stopping and not any(departures.values()):
            break
        for name in names if not stopping else ():
            while len(departures[name]) < UNDER_WAY:
                departures[name].append(time.perf_counter())
                socket.send_multipart([name] + make_message(streams[name], sent[name], DATA, name))
                sent[name] += 1
        reply = receive(socket, PATIENCE_MS)
        if reply is None:
            on.orders.wrong("lost", f"{sum(map(len, departures.values()))} messages were not answered")
            break
        name, *content = reply
        label = check_message(content, 1)
        if not label or content[0] != name:
            on.orders.wrong("altered", "an answer")
        else:
            if label[0] != streams[name]:
                on.orders.wrong("misrouted", f"stream {label[0]}")
            ledger.expect_next(label[0], label[1])
        if departures.get(name):
            times.append(time.perf_counter() - departures[name].popleft())
        on.orders.progress(ledger.total)
    for name in names:
        report(f"count sent:{streams[name]} {sent[name]}")
    ledger.report_counts()
    report_round_trips(times)


def play_dealer(on):
    name = on.settings["name"].encode()
    socket = on.socket(zmq.DEALER, routing_id=name)
    on.connect(socket)
    socket.send(b"hello")
    ledger = Ledger(on.orders)
    while not on.orders.stopping():
        frames = receive(socket)
        if frames is None:
            continue
        label = check_message(frames, 1)
        if not label:
            on.orders.wrong("altered", "a message")
        elif frames[0] != name:
            on.orders.wrong("misrouted", f"a message for {frames[0]} came to {name}")
        else:
            ledger.expect_next(label[0], label[1])
        socket.send_multipart(frames)
    ledger.report_counts()


ROLES = {"rep": play_rep, "req": play_req, "pub": play_pub, "sub": play_sub, "push": play_push,
         "worker": play_worker, "router": play_router, "dealer": play_dealer}


def main():
    settings = dict(word.partition("=")[::2] for word in sys.argv[1:])
    on = Stage(settings)
    ROLES[settings["role"]](on)
    on.context.destroy()  # waits until what was sent has left, for the linger time at most
    report("done")


main()
