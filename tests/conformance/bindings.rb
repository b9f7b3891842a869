# Ruby's binding (ruby-ffi-rzmq): a question and its answer, a publication, a message of two frames, polling.
require "ffi-rzmq"

def check(code)
  raise ZMQ::Util.error_string unless ZMQ::Util.resultcode_ok?(code)
end

def open_pair(context, bound_type, connected_type)
  bound, connected = [bound_type, connected_type].map { |type| context.socket(type) }
  [bound, connected].each do |each|
    check each.setsockopt(ZMQ::LINGER, 0)
    check each.setsockopt(ZMQ::RCVTIMEO, 20_000)
  end
  check bound.bind("tcp://127.0.0.1:*")
  place = []
  check bound.getsockopt(ZMQ::LAST_ENDPOINT, place)
  check connected.connect(place.first.delete("\0"))
  [bound, connected]
end

def receive(socket)
  frames = []
  check socket.recv_strings(frames)
  frames
end

def expect(expected, got)
  raise "#{got} instead of #{expected}" unless got == expected
end

context = ZMQ::Context.new
rep, req = open_pair(context, ZMQ::REP, ZMQ::REQ)
check req.send_strings(%w[question more])
expect %w[question more], receive(rep)
check rep.send_string("answer")
poller = ZMQ::Poller.new
poller.register_readable(req)
expect 1, poller.poll(20_000)
expect ["answer"], receive(req)

xpub, sub = open_pair(context, ZMQ::XPUB, ZMQ::SUB)
check sub.setsockopt(ZMQ::SUBSCRIBE, "news")
expect ["\1news"], receive(xpub)
check xpub.send_string("other")
check xpub.send_string("news of today")
expect ["news of today"], receive(sub)

[rep, req, xpub, sub].each { |each| check each.close }
context.terminate
puts LibZMQ.version.values_at(:major, :minor, :patch).join(".")
