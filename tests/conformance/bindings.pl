# Perl's binding (libzmq-ffi-perl): a question and its answer, a publication, a message of two frames.
use strict;
use warnings;
use ZMQ::FFI qw(ZMQ_REQ ZMQ_REP ZMQ_XPUB ZMQ_SUB ZMQ_RCVTIMEO ZMQ_LAST_ENDPOINT);

sub expect {
    my ($expected, $got) = @_;
    die "'$got' instead of '$expected'\n" unless $got eq $expected;
}

sub open_pair {
    my ($context, $bound_type, $connected_type) = @_;
    my ($bound, $connected) = map { $context->socket($_) } $bound_type, $connected_type;
    for my $each ($bound, $connected) {
        $each->set_linger(0);
        $each->set(ZMQ_RCVTIMEO, 'int', 20_000);
    }
    $bound->bind('tcp://127.0.0.1:*');
    $connected->connect($bound->get(ZMQ_LAST_ENDPOINT, 'string'));
    return ($bound, $connected);
}

my $context = ZMQ::FFI->new(soname => 'libzmq.so.5');
my ($rep, $req) = open_pair($context, ZMQ_REP, ZMQ_REQ);
$req->send_multipart(['question', 'more']);
expect('question more', join ' ', $rep->recv_multipart());
$rep->send('answer');
expect('answer', $req->recv());

my ($xpub, $sub) = open_pair($context, ZMQ_XPUB, ZMQ_SUB);
$sub->subscribe('news');
expect("\1news", $xpub->recv());
$xpub->send('other');
$xpub->send('news of today');
expect('news of today', $sub->recv());

$_->close() for $rep, $req, $xpub, $sub;
print join('.', $context->version()), "\n";
