"""One pyzmq socket, driven by lines on standard input; the interop tests start it.

Each line is a command and its words; each is answered by a line: "ok" and words, or "failed: why". A word is "=" and
hexadecimal digits. Ends at the end of the input.
"""
import sys

import zmq
import zmq.auth
from zmq.auth.thread import ThreadAuthenticator

PATIENCE_MS = 20_000


def word(data):
    return "=" + data.hex()


def unword(text):
    return bytes.fromhex(text[1:])


class Guard:
    """pyzmq's ZAP handler, from the first time it is told something to the end."""

    def __init__(self):
        self.started = None

    def handler(self):
        if self.started is None:
            self.started = ThreadAuthenticator(zmq.Context.instance())
            self.started.start()
        return self.started

    def stop(self):
        if self.started is not None:
            self.started.stop()


GUARD = Guard()


def secure(socket, command, words):
    """Commands about security; None if it is none of them."""
    if command == "plain_client":
        socket.plain_username, socket.plain_password = words
    elif command == "plain_server":
        socket.plain_server = True
    elif command == "curve_client":
        socket.curve_serverkey, socket.curve_publickey, socket.curve_secretkey = words
    elif command == "curve_server":
        socket.curve_publickey, socket.curve_secretkey = words
        socket.curve_server = True
    elif command == "allow_password":
        GUARD.handler().configure_plain(domain="*", passwords={words[0].decode(): words[1].decode()})
    elif command == "allow_keys":  # those in a folder
        GUARD.handler().configure_curve(domain="*", location=words[0].decode())
    elif command == "allow_any_key":
        GUARD.handler().configure_curve(domain="*", location=zmq.auth.CURVE_ALLOW_ANY)
    elif command == "create_certificates":  # folder, name; answers the files
        return [word(path.encode()) for path in zmq.auth.create_certificates(*(w.decode() for w in words))]
    elif command == "load_certificate":  # answers the keys in it
        return [word(key) for key in zmq.auth.load_certificate(words[0].decode()) if key is not None]
    else:
        return None
    return []


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
        answered = secure(socket, command, [unword(each) for each in arguments])
        if answered is None:
            raise ValueError(f"no such command: {command}")
        return answered
    return []


def main():
    context = zmq.Context.instance()
    socket = context.socket(getattr(zmq, sys.argv[1].upper()))
    socket.rcvtimeo = socket.sndtimeo = PATIENCE_MS
    for line in sys.stdin:
        command, *arguments = line.split()
        try:
            print("ok", *answer(socket, command, arguments), flush=True)
        except Exception as failure:  # whatever it is, the test shall see it
            print(f"failed: {failure}".replace(" ", "_"), flush=True)
    socket.close(linger=0)
    GUARD.stop()
    context.term()


main()
