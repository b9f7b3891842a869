<?php
// PHP's binding (php-zmq): a question and its answer, a publication, a message of two frames, polling.

function expect($expected, $got) {
    if ($got !== $expected) {
        throw new Exception(json_encode($got) . ' instead of ' . json_encode($expected));
    }
}

function open_pair($context, $bound_type, $connected_type) {
    $pair = [new ZMQSocket($context, $bound_type), new ZMQSocket($context, $connected_type)];
    foreach ($pair as $each) {
        $each->setSockOpt(ZMQ::SOCKOPT_LINGER, 0);
        $each->setSockOpt(ZMQ::SOCKOPT_RCVTIMEO, 20000);
    }
    $pair[0]->bind('tcp://127.0.0.1:*');
    $pair[1]->connect($pair[0]->getSockOpt(ZMQ::SOCKOPT_LAST_ENDPOINT));
    return $pair;
}

$context = new ZMQContext();
[$rep, $req] = open_pair($context, ZMQ::SOCKET_REP, ZMQ::SOCKET_REQ);
$req->sendMulti(['question', 'more']);
expect(['question', 'more'], $rep->recvMulti());
$rep->send('answer');
$poll = new ZMQPoll();
$poll->add($req, ZMQ::POLL_IN);
$readable = $writable = [];
expect(1, $poll->poll($readable, $writable, 20000));
expect('answer', $req->recv());

[$xpub, $sub] = open_pair($context, ZMQ::SOCKET_XPUB, ZMQ::SOCKET_SUB);
$sub->setSockOpt(ZMQ::SOCKOPT_SUBSCRIBE, 'news');
expect("\1news", $xpub->recv());
$xpub->send('other');
$xpub->send('news of today');
expect('news of today', $sub->recv());
echo ZMQ::LIBZMQ_VER, "\n";
