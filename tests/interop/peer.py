"""One pyzmq socket, driven by lines on standard input; the interop tests start it.

Each line is a command and its words; each is answered by a line: "ok" and words, or "failed: why". A word is "=" and
hexadecimal digits. Ends at the end of the input.
"""
import sys

import zmq

PATIENCE_MS = 20_000


def word(data):
    return "=" + data.hex()


def unword(text):
    return bytes.fromhex(text[1:])


def answer(socket, command, arguments):
    if command == "set":
        option = {"routing_id": zmq.ROUTING_ID, "probe_router": zmq.PROBE_ROUTER}[arguments[0]]
        value = unword(arguments[1])
        socket.setsockopt(option, value if option == zmq.ROUTING_ID else 1)
    elif command == "bind":
        endpoint = unword(arguments[0]).decode()
        if endpoint.endswith(":0"):
            endpoint = endpoint[:-1] + "*"
        socket.bind(endpoint)
        return [word(socket.getsockopt(zmq.LAST_ENDPOINT).rstrip(b"\0"))]
    elif command == "connect":
        socket.connect(unword(arguments[0]).decode())
    elif command == "subscribe":
        if socket.type == zmq.XSUB:
            socket.send(b"\x01" + unword(arguments[0]))
        else:
            socket.subscribe(unword(arguments[0]))
    elif command == "send":
        socket.send_multipart([unword(part) for part in arguments])
    elif command == "receive":
        return [word(part) for part in socket.recv_multipart()]
    else:
        raise ValueError(f"no such command: {command}")
    return []


def main():
    context = zmq.Context()
    socket = context.socket(getattr(zmq, sys.argv[1].upper()))
    socket.rcvtimeo = socket.sndtimeo = PATIENCE_MS
    for line in sys.stdin:
        command, *arguments = line.split()
        try:
            print("ok", *answer(socket, command, arguments), flush=True)
        except Exception as failure:  # whatever it is, the test shall see it
            print(f"failed: {failure}".replace(" ", "_"), flush=True)
    socket.close(linger=0)
    context.term()


main()
