"""What each socket type sends and prints, and in which form."""
import json
import subprocess
import unittest

from tool import Case


class OneWay(Case):
    def test_push_sends_each_word_and_pull_prints_each_message(self):
        pull = self.start("pull", "-b", self.ipc(), "-n", 3)
        self.expect(0, [], "push", "-c", self.ipc(), "one", "two words", "")
        self.expect_end(pull, 0, ["one", "two words", ""])

    def test_words_that_look_like_syntax_are_words(self):
        words = ["[1,2]", "{}", "++", "{\"a\": 1}", "pull", "--", "-n", "[3"]
        pull = self.start("pull", "-b", self.ipc(), "-n", len(words))
        self.expect(0, [], "push", "-c", self.ipc(), *words[:5], "--", *words[5:])
        self.expect_end(pull, 0, words)

    def test_lines_of_standard_input_are_messages(self):
        pull = self.start("pull", "-b", self.ipc(), "-n", 4)
        self.expect(0, [], "push", "-c", self.ipc(), stdin="a\n\nb c\nno end")
        self.expect_end(pull, 0, ["a", "", "b c", "no end"])

    def test_lines_are_sent_as_they_come(self):
        pull = self.start("pull", "-b", self.ipc())
        push = self.start("push", "-c", self.ipc(), stdin=subprocess.PIPE)
        for line in ("first", "second"):
            push.write(line + "\n")
            self.assertEqual(pull.line(), line)
        push.close_input()
        self.expect_end(push, 0, [])

    def test_count_ends_both_sides(self):
        pull = self.start("pull", "-b", self.ipc(), "-n", 2)
        self.expect(0, [], "push", "-c", self.ipc(), "-n", 2, "a", "b", "c")
        self.expect_end(pull, 0, ["a", "b"])

    def test_several_endpoints_on_each_side(self):
        pull = self.start("pull", "-b", self.ipc("1"), "-b", self.ipc("2"), "-n", 2)
        self.expect(0, [], "push", "-c", self.ipc("1"), "a")
        self.expect(0, [], "push", "-c", self.ipc("2"), "b")
        self.assertEqual(sorted(self.expect_end(pull, 0)[1]), ["a", "b"])

    def test_the_sender_may_come_first_and_either_side_binds(self):
        push = self.start("push", "-b", self.ipc(), "early")
        self.expect(0, ["early"], "pull", "-c", self.ipc(), "-n", 1)
        self.expect_end(push, 0)

    def test_much_arrives_before_the_sender_ends(self):
        lines = [f"{number} " + "x" * 200 for number in range(20_000)]
        pull = self.start("pull", "-b", self.ipc(), "-n", len(lines))
        self.expect(0, [], "push", "-c", self.ipc(), stdin="\n".join(lines))
        self.assertEqual(pull.lines(len(lines)), lines)
        self.expect_end(pull, 0, [])

    def test_wait_peers_deals_out_evenly(self):
        pulls = [self.start("pull", "-c", self.ipc(), "-n", 2) for _ in range(2)]
        self.expect(0, [], "push", "-b", self.ipc(), "--wait-peers", 2, "1", "2", "3", "4")
        for pull in pulls:
            self.assertEqual(len(self.expect_end(pull, 0)[1]), 2)


class PublishSubscribe(Case):
    def test_pub_waits_for_its_subscriber_and_sub_takes_all(self):
        pub = self.start("pub", "-b", self.ipc(), "a", "b")
        self.expect(0, ["a", "b"], "sub", "-c", self.ipc(), "-n", 2)
        self.expect_end(pub, 0, [])

    def test_prefixes_choose(self):
        sub = self.start("sub", "-b", self.ipc(), "-s", "us.", "-s", "de.", "-n", 2)
        self.expect(0, [], "pub", "-c", self.ipc(), "us.1", "fr.1", "de.1")
        self.expect_end(sub, 0, ["us.1", "de.1"])

    def test_wait_peers_counts_subscribers(self):
        pub = self.start("pub", "-b", self.ipc(), "--wait-peers", 2, "x")
        subs = [self.start("sub", "-c", self.ipc(), "-n", 1) for _ in range(2)]
        for sub in subs:
            self.expect_end(sub, 0, ["x"])
        self.expect_end(pub, 0)

    def test_without_waiting_nobody_hears(self):
        self.expect(0, [], "pub", "-b", self.ipc(), "--wait-peers", 0, "x")

    def test_xpub_prints_subscriptions(self):
        xpub = self.start("xpub", "-b", self.ipc(), "-n", 2, "news.1")
        self.expect(0, ["news.1"], "sub", "-c", self.ipc(), "-s", "news.", "-n", 1)
        self.expect_end(xpub, 0, ["\\x01news.", "\\x00news."])

    def test_xsub_subscribes_and_sends_upstream(self):
        xpub = self.start("xpub", "-b", self.ipc(), "-n", 2, "x.1", "y.1")
        xsub = self.start("xsub", "-c", self.ipc(), "-s", "x.", "-n", 1, "up")
        self.expect_end(xsub, 0, ["x.1"])
        self.assertEqual(sorted(self.expect_end(xpub, 0)[1]), ["\\x01x.", "up"])


    def test_scatter_deals_out_to_gather(self):
        gather = self.start("gather", "-b", self.ipc(), "-n", 2)
        self.expect(0, [], "scatter", "-c", self.ipc(), "one", "two")
        self.expect_end(gather, 0, ["one", "two"])


class TwoWay(Case):
    def test_channel_talks_to_channel(self):
        bound = self.start("channel", "-b", self.ipc(), "-n", 1, "from here")
        self.expect(0, ["from here"], "channel", "-c", self.ipc(), "-n", 1, "from there")
        self.expect_end(bound, 0, ["from there"])

    def test_req_prints_the_echo_of_each_word(self):
        rep = self.start("rep", "-b", self.ipc(), "--echo", "-n", 2)
        self.expect(0, ["a", "b"], "req", "-c", self.ipc(), "a", "b")
        self.expect_end(rep, 0, ["a", "b"])

    def test_rep_replies_with_a_word(self):
        rep = self.start("rep", "-b", self.ipc(), "--reply", "[ok]", "-n", 1)
        self.expect(0, ["[ok]"], "req", "-c", self.ipc(), "ready?")
        self.expect_end(rep, 0, ["ready?"])

    def test_rep_replies_with_its_words_in_turn(self):
        rep = self.start("rep", "-b", self.ipc(), "one", "two")
        self.expect(0, ["one", "two"], "req", "-c", self.ipc(), "?", "?")
        self.expect_end(rep, 0, ["?", "?"])

    def test_rep_replies_with_lines(self):
        rep = self.start("rep", "-b", self.ipc(), stdin=subprocess.PIPE)
        req = self.start("req", "-c", self.ipc(), "question")
        self.assertEqual(rep.line(), "question")
        rep.write("answer\n")
        self.expect_end(req, 0, ["answer"])
        rep.signal()
        self.expect_end(rep, 0)

    def test_pair_talks_both_ways(self):
        left = self.start("pair", "-b", self.ipc(), "-n", 1, "from left")
        self.expect(0, ["from left"], "pair", "-c", self.ipc(), "-n", 1, "from right")
        self.expect_end(left, 0, ["from right"])

    def test_dealer_talks_to_rep_with_an_empty_frame_in_front(self):
        self.start("rep", "-b", self.ipc(), "--echo")
        self.expect(0, ["/hello"], "dealer", "-c", self.ipc(), "--frames", "/", "-n", 1, "/hello")

    def test_dealer_with_count_zero_only_sends(self):
        other = self.start("dealer", "-b", self.ipc(), "-n", 2, stdin=subprocess.PIPE)
        self.expect(0, [], "dealer", "-c", self.ipc(), "-n", 0, "a", "b")
        self.expect_end(other, 0, ["a", "b"])

    def test_router_answers_a_dealer_by_its_name(self):
        router = self.start("router", "-b", self.ipc(), "--frames", ":", stdin=subprocess.PIPE)
        dealer = self.start("dealer", "-c", self.ipc(), "--id", "ada", "-n", 1, "hello")
        self.assertEqual(router.line(), "ada:hello")
        router.write("ada:welcome\n")
        self.expect_end(dealer, 0, ["welcome"])

    def test_router_waits_for_the_peer_it_writes_to(self):
        router = self.start("router", "-b", self.ipc(), "--frames", ":", "-n", 0, "late:x:y")
        self.expect(0, ["x|y"], "dealer", "-c", self.ipc(), "--id", "late", "--frames", "|", "-n", 1)
        self.expect_end(router, 0)


class Formats(Case):
    WORDS = ("caf\u00e9/\x01\x1b[0m", "a/")

    def printed(self, *words):
        pull = self.start("pull", "-b", self.ipc(), "-n", len(self.WORDS), *words)
        self.expect(0, [], "push", "-c", self.ipc(), "--frames", "/", *self.WORDS)
        return self.expect_end(pull, 0)[1]

    def test_text(self):
        self.assertEqual(self.printed(), ["caf\u00e9 \\x01\\x1b[0m", "a "])
        self.assertEqual(self.printed("--frames", "+"), ["caf\u00e9+\\x01\\x1b[0m", "a+"])

    def test_hex(self):
        self.assertEqual(self.printed("-f", "hex"), ["636166c3a9 011b5b306d", "61 "])

    def test_json(self):
        self.assertEqual([json.loads(line) for line in self.printed("-f", "json")],
                         [["caf\u00e9", "\x01\x1b[0m"], ["a", ""]])

    def test_raw(self):
        self.assertEqual(self.printed("-f", "raw"), ["caf\u00e9\x01\x1b[0ma"])

    def test_bytes_that_are_no_text(self):
        for form, expected in (("text", "\\xff\\xc0\\x80\\xed\\xa0\\x80\\xf5z"), ("hex", "ffc080eda080f57a"),
                               ("json", '[{"hex": "ffc080eda080f57a"}]')):
            pull = self.start("pull", "-b", self.ipc(), "-n", 1, "-f", form)
            self.expect(0, [], "push", "-c", self.ipc(), b"\xff\xc0\x80\xed\xa0\x80\xf5z")
            self.expect_end(pull, 0, [expected])

    def test_json_escapes_quotes_and_backslashes(self):
        pull = self.start("pull", "-b", self.ipc(), "-n", 1, "-f", "json")
        self.expect(0, [], "push", "-c", self.ipc(), 'say "\\n"')
        self.assertEqual(json.loads(self.expect_end(pull, 0)[1][0]), ['say "\\n"'])


if __name__ == "__main__":
    unittest.main()
