"""`monocoque demo` notices when a peer does wrong: else its "verified" would mean nothing."""
import os
import subprocess
import unittest

TOOL = os.environ["MONOCOQUE_TOOL"]
LIMIT_SECONDS = 100


class Fault(unittest.TestCase):
    def expect(self, scene, fault, *findings):
        done = subprocess.run([TOOL, "demo", "--seconds", "0.3", "--via", "ipc", "--only", scene, "--fault", fault],
                              capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False)
        self.assertEqual((done.returncode, done.stderr), (1, ""), done.stdout)
        for finding in findings:
            self.assertRegex(done.stdout, finding)
        self.assertRegex(done.stdout, r" NO\n")
        self.assertIn("Something was lost, repeated, reordered or altered.", done.stdout)

    def test_an_altered_request(self):
        self.expect("broker", "alter", r"worker \d .*: altered: a request", "client 1 .*: altered: the reply to request 21")

    def test_an_altered_publication_is_seen_by_both_kinds_of_subscribers(self):
        self.expect("feed", "alter", r"subscriber 1 \(Monocoque\): altered", r"subscriber 3 \(libzmq\): altered")

    def test_a_lost_publication(self):
        self.expect("feed", "lose", r"\(Monocoque\): lost or reordered: stream 0: 22 came where 21 was due",
                    r"\(libzmq\): lost or reordered: stream 0: 22 came where 21 was due", "1 of .* messages lost")

    def test_a_repeated_publication(self):
        self.expect("feed", "repeat", r"\(Monocoque\): repeated or reordered: stream 0: 21 came where 22 was due",
                    r"\(libzmq\): repeated or reordered: stream 0: 21 came where 22 was due", "1 of .* messages too many")

    def test_a_publication_out_of_order(self):
        self.expect("feed", "reorder", r"\(Monocoque\): repeated or reordered: stream 0: 21 came where 122 was due",
                    r"\(libzmq\): repeated or reordered: stream 0: 21 came where 122 was due")

    def test_an_altered_piece_of_work(self):
        self.expect("pipeline", "alter", "altered: a piece of work", "sink .*: altered: a result")

    def test_a_repeated_piece_of_work(self):
        self.expect("pipeline", "repeat", "sink .*: repeated: stream 0: 21 came twice")

    def test_an_altered_message_to_a_dealer(self):
        self.expect("router", "alter", "ada .*: altered: a message", "router .*: altered: an answer")


if __name__ == "__main__":
    unittest.main()
