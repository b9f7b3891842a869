#include "capi/error_numbers.hpp"

#include <zmq.h>

#include <cerrno>
#include <new>

namespace monocoque::capi {
namespace {

int number_of(errc code) noexcept {
  switch (code) {
    case errc::would_block:
    case errc::timed_out: return EAGAIN;
    case errc::cancelled: return EINTR;
    case errc::closed:
    case errc::forked: return ENOTSOCK;
    case errc::terminated: return ETERM;
    case errc::unsupported_transport: return EPROTONOSUPPORT;
    case errc::transport_mismatch: return ENOCOMPATPROTO;
    case errc::no_such_endpoint: return ENOENT;
    case errc::not_supported: return ENOTSUP;
    case errc::wrong_state: return EFSM;
    case errc::would_deadlock: return EDEADLK;
    case errc::no_such_peer:
    case errc::unroutable: return EHOSTUNREACH;
    case errc::resolve_failed: return ENODEV;
    case errc::frame_too_large:
    case errc::message_over_limit:
    case errc::metadata_too_large: return EMSGSIZE;
    default: return EINVAL;
  }
}

}  // namespace

int errno_of(const error& reason) noexcept {
  const std::error_code code = reason.code();
  if (code.category() == error_category()) return number_of(static_cast<errc>(code.value()));
  return code.category() == std::generic_category() || code.category() == std::system_category()
             ? code.value()
             : EINVAL;
}

int errno_of_current_exception() noexcept {
  try {
    throw;
  } catch (const exception& failure) {
    return errno_of(failure.reason());
  } catch (const std::bad_alloc&) {
    return ENOMEM;
  } catch (const std::system_error& failure) {
    return errno_of(error(failure.code()));
  } catch (...) {
    return EINVAL;
  }
}

}  // namespace monocoque::capi
