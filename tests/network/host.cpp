#include "tests/network/host.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <system_error>
#include <thread>

namespace monocoque::test {
namespace {

constexpr const char* wire_name = "wire";
constexpr const char* of_network = "/proc/thread-self/ns/net";
constexpr const char* of_mounts = "/proc/thread-self/ns/mnt";
/// Where each host has files of its own: in memory, and seen by nobody else.
const std::string own_files = "/mnt/";

void check(bool good, const std::string& doing) {
  if (!good) throw std::system_error(errno, std::generic_category(), doing);
}

transport::unique_fd opened(const char* path, int flags) {
  transport::unique_fd file(::open(path, flags | O_CLOEXEC));
  check(static_cast<bool>(file), path);
  return file;
}

/// What a thread of its own does meanwhile; it may go to another host for good.
void apart(const std::function<void()>& work) {
  std::exception_ptr failure;
  std::thread([&] {
    try {
      work();
    } catch (...) {
      failure = std::current_exception();
    }
  }).join();
  if (failure) std::rethrow_exception(failure);
}

ifreq request_about(const char* interface) {
  ifreq request{};
  std::strncpy(request.ifr_name, interface, sizeof request.ifr_name - 1);
  return request;
}

void ask(int fd, unsigned long what, ifreq& request, const char* doing) {
  check(::ioctl(fd, what, &request) == 0, doing);
}

transport::unique_fd any_socket() {
  transport::unique_fd made(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  check(static_cast<bool>(made), "socket");
  return made;
}

void set_address(unsigned long what, const std::string& address) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  check(::inet_pton(AF_INET, address.c_str(), &in.sin_addr) == 1, address);
  ifreq request = request_about(wire_name);
  std::memcpy(&request.ifr_addr, &in, sizeof in);
  ask(any_socket().fd(), what, request, "address");
}

void switch_on(const char* interface) {
  ifreq request = request_about(interface);
  const transport::unique_fd any = any_socket();
  ask(any.fd(), SIOCGIFFLAGS, request, interface);
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP | IFF_RUNNING);
  ask(any.fd(), SIOCSIFFLAGS, request, interface);
}

void put_in_place_of(const std::string& name, const std::string& content) {
  const std::string own = own_files + name;
  std::ofstream(own) << content;
  check(::mount(own.c_str(), ("/etc/" + name).c_str(), nullptr, MS_BIND, nullptr) == 0, "mount /etc/" + name);
}

void enter(int network, int mounts) {
  check(::setns(network, CLONE_NEWNET) == 0, "setns network");
  // Only a thread that shares its working directory with no other may see other mounts.
  check(::unshare(CLONE_FS) == 0, "unshare");
  check(::setns(mounts, CLONE_NEWNS) == 0, "setns mounts");
}

}  // namespace

host::host(const std::string& address) {
  apart([&] {
    check(::unshare(CLONE_NEWNET | CLONE_NEWNS) == 0, "unshare");
    furnish(address);
  });
}

void host::furnish(const std::string& address) {
  network_ = opened(of_network, O_RDONLY);
  mounts_ = opened(of_mounts, O_RDONLY);

  check(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "mount /");
  check(::mount("none", own_files.c_str(), "tmpfs", 0, nullptr) == 0, "mount " + own_files);
  put_in_place_of("hosts", "");
  put_in_place_of("nsswitch.conf", "hosts: files\n");

  wire_ = opened("/dev/net/tun", O_RDWR | O_NONBLOCK);
  ifreq request = request_about(wire_name);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  ask(wire_.fd(), TUNSETIFF, request, "tun");
  switch_on("lo");
  set_address(SIOCSIFADDR, address);
  set_address(SIOCSIFNETMASK, "255.255.255.0");
  switch_on(wire_name);
}

std::optional<std::string> host::obstacle() {
  try {
    const host attempt("10.7.0.1");
    const stay here(attempt);
    return std::nullopt;
  } catch (const std::exception& failure) {
    return std::string("no network namespaces with a TUN device here: ") + failure.what();
  }
}

void host::change_address(const std::string& address) const {
  const stay here(*this);
  set_address(SIOCSIFADDR, address);
  set_address(SIOCSIFNETMASK, "255.255.255.0");
}

void host::know(const std::string& name, const std::vector<std::string>& addresses) const {
  std::string lines;
  for (const std::string& address : addresses) lines.append(address).append(" ").append(name).append("\n");
  const stay here(*this);
  std::ofstream("/etc/hosts") << lines;
}

stay::stay(const host& in)
    : network_before_(opened(of_network, O_RDONLY)), mounts_before_(opened(of_mounts, O_RDONLY)) {
  enter(in.network_.fd(), in.mounts_.fd());
}

stay::~stay() { enter(network_before_.fd(), mounts_before_.fd()); }

}  // namespace monocoque::test
