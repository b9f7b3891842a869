"""`monocoque proxy`: the three types, with capture."""
import signal
import unittest

from tool import Case


class Proxy(Case):
    def start_proxy(self, *words):
        proxy = self.start("proxy", "-v", "--frontend", self.ipc("front"), "--backend", self.ipc("back"), *words)
        proxy.event("backend: listening")
        return proxy

    def stop(self, proxy, number=signal.SIGINT):
        proxy.signal(number)
        self.expect_end(proxy, 0, [])

    def test_queue_is_the_default_and_brings_replies_back(self):
        proxy = self.start_proxy()
        self.start("rep", "-c", self.ipc("back"), "--echo")
        self.expect(0, ["a", "b"], "req", "-c", self.ipc("front"), "a", "b")
        self.stop(proxy)

    def test_forwarder_passes_subscriptions_up_and_messages_down(self):
        proxy = self.start_proxy("--type", "forwarder")
        pub = self.start("pub", "-c", self.ipc("front"), "no", "news.1", "news.2")
        self.expect(0, ["news.1", "news.2"], "sub", "-c", self.ipc("back"), "-s", "news.", "-n", 2)
        self.expect_end(pub, 0)
        self.stop(proxy, signal.SIGTERM)

    def test_streamer_and_capture(self):
        proxy = self.start_proxy("--type", "streamer", "--capture", self.ipc("tap"))
        # The capture socket loses what comes before its subscriber: messages are sent until it is seen to hear them.
        tap = self.start("sub", "-c", self.ipc("tap"), "-n", 1)
        pull = self.start("pull", "-c", self.ipc("back"))
        proxy.event("capture: handshake done")
        heard = False
        while not heard:
            self.expect(0, [], "push", "-c", self.ipc("front"), "item")
            self.assertEqual(pull.line(), "item")
            heard = tap.poll() is not None
        self.expect_end(tap, 0, ["item"])
        self.stop(proxy)

    def test_sides_may_connect(self):
        pull = self.start("pull", "-b", self.ipc("sink"), "-n", 1)
        proxy = self.start("proxy", "-v", "--type", "streamer", "--frontend", self.ipc("front"), "--backend-connect",
                           self.ipc("sink"))
        proxy.event("backend: handshake done")
        self.expect(0, [], "push", "-c", self.ipc("front"), "through")
        self.expect_end(pull, 0, ["through"])
        self.stop(proxy)

    def test_an_endpoint_in_use_is_one_line(self):
        self.start_proxy()
        self.expect_complaint(1, "in use", "proxy", "--frontend", self.ipc("other"), "--backend", self.ipc("back"))


if __name__ == "__main__":
    unittest.main()
