#include "core/lakebase/listen_address.hpp"

#include "core/base/digest.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

namespace pier::lakebase {
namespace {

constexpr std::uint16_t k_postgres_port = 5432;
constexpr int k_tries = 16;

std::string derived_address(std::string_view seed, int attempt) {
  const auto digest = sha256(std::string(seed) + "#" + std::to_string(attempt));
  const auto byte = [&digest](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(digest[i])); };
  return "127." + std::to_string(16 + byte(0) % 239) + "." + std::to_string(byte(1)) + "." +
         std::to_string(1 + byte(2) % 254);
}

} // namespace

Result<ListenSocket> listen_at(const std::string& host, std::uint16_t port) {
  ListenSocket out{.fd = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)), .host = host};
  if (!out.fd) {
    return error_from_errno(errno, "cannot make a socket");
  }
  const int on = 1;
  ::setsockopt(out.fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) {
    return Error{.kind = ErrorKind::invalid_argument, .code = "PIER8008", .message = host + " is no IPv4 address"};
  }
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (::bind(out.fd.get(), plain, size) != 0 || ::listen(out.fd.get(), 1024) != 0) {
    auto error = error_from_errno(errno, "cannot listen at " + host + ":" + std::to_string(port));
    error.kind = ErrorKind::conflict;
    error.code = "PIER8008";
    return error;
  }
  if (::getsockname(out.fd.get(), plain, &size) != 0) {
    return error_from_errno(errno, "cannot read a socket's address");
  }
  out.port = ntohs(address.sin_port);
  return out;
}

Result<ListenSocket> listen_anywhere(std::string_view seed) {
  for (int attempt = 0; attempt < k_tries; ++attempt) {
    if (auto socket = listen_at(derived_address(seed, attempt), k_postgres_port)) {
      return socket;
    }
  }
  return listen_at("127.0.0.1", 0);
}

} // namespace pier::lakebase
