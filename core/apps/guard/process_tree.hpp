#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace pier::apps {

/// Direct children of a process, by /proc. Empty when it is gone.
std::vector<pid_t> children_of(pid_t pid);

/// All processes below `pid`, without itself.
std::vector<pid_t> descendants_of(pid_t pid);

/// TCP ports on which `pid` or a descendant listens (IPv4 and IPv6), sorted, each once. Uses the socket inodes
/// of /proc/<pid>/fd and /proc/<pid>/net/tcp{,6}.
std::vector<std::uint16_t> listening_ports(pid_t pid);

} // namespace pier::apps
