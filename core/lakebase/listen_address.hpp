#pragma once

#include "core/base/fd.hpp"
#include "core/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace pier::lakebase {

/// A bound and listening TCP socket (close-on-exec, non-blocking).
struct ListenSocket {
  UniqueFd fd;
  std::string host;
  std::uint16_t port = 0;
};

/// Listens at exactly this address. Error conflict when it is taken.
Result<ListenSocket> listen_at(const std::string& host, std::uint16_t port);

/// An address of its own in 127.16.0.0-127.254.255.255 with port 5432, derived from `seed` (so that it stays the
/// same), or another one when that is taken, or a free port of 127.0.0.1 when none can be had.
Result<ListenSocket> listen_anywhere(std::string_view seed);

} // namespace pier::lakebase
