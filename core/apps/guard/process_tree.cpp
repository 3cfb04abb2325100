#include "core/apps/guard/process_tree.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace fs = std::filesystem;

namespace pier::apps {
namespace {

/// "socket:[12345]" → 12345, else 0.
std::uint64_t socket_inode(std::string_view link) {
  constexpr std::string_view k_prefix = "socket:[";
  std::uint64_t inode = 0;
  if (link.starts_with(k_prefix)) {
    link.remove_prefix(k_prefix.size());
    std::from_chars(link.data(), link.data() + link.size(), inode);
  }
  return inode;
}

void collect_socket_inodes(pid_t pid, std::set<std::uint64_t>& inodes) {
  std::error_code code;
  const fs::path folder = "/proc/" + std::to_string(pid) + "/fd";
  for (fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code)) {
    std::error_code gone;
    if (const auto inode = socket_inode(fs::read_symlink(it->path(), gone).string()); !gone && inode != 0) {
      inodes.insert(inode);
    }
  }
}

/// Lines of /proc/net/tcp: "sl local rem st tx:rx tr:when retrnsmt uid timeout inode"; state 0A is LISTEN.
void collect_listening(const fs::path& table, const std::set<std::uint64_t>& inodes, std::set<std::uint16_t>& ports) {
  std::ifstream in(table);
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    std::array<std::string, 10> field;
    for (auto& text : field) {
      fields >> text;
    }
    const auto colon = field[1].rfind(':');
    std::uint64_t inode = 0;
    std::from_chars(field[9].data(), field[9].data() + field[9].size(), inode);
    if (field[3] != "0A" || colon == std::string::npos || !inodes.contains(inode)) {
      continue;
    }
    std::uint16_t port = 0;
    std::from_chars(field[1].data() + colon + 1, field[1].data() + field[1].size(), port, 16);
    ports.insert(port);
  }
}

/// Parent of each process, by the fourth field of /proc/<pid>/stat (the second may hold spaces and brackets).
pid_t parent_of(const fs::path& folder) {
  std::ifstream in(folder / "stat");
  std::string line;
  std::getline(in, line);
  const auto bracket = line.rfind(')');
  if (bracket == std::string::npos) {
    return -1;
  }
  std::istringstream fields(line.substr(bracket + 1));
  std::string state;
  pid_t parent = -1;
  fields >> state >> parent;
  return parent;
}

} // namespace

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> children;
  std::error_code code;
  for (fs::directory_iterator it("/proc", code), end; !code && it != end; it.increment(code)) {
    const auto name = it->path().filename().string();
    pid_t candidate = 0;
    const auto [rest, failed] = std::from_chars(name.data(), name.data() + name.size(), candidate);
    if (failed == std::errc() && rest == name.data() + name.size() && parent_of(it->path()) == pid) {
      children.push_back(candidate);
    }
  }
  return children;
}

std::vector<pid_t> descendants_of(pid_t pid) {
  std::vector<pid_t> found = children_of(pid);
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (const pid_t child : children_of(found[i])) {
      if (std::find(found.begin(), found.end(), child) == found.end()) {
        found.push_back(child);
      }
    }
  }
  return found;
}

std::vector<std::uint16_t> listening_ports(pid_t pid) {
  std::set<std::uint64_t> inodes;
  collect_socket_inodes(pid, inodes);
  for (const pid_t child : descendants_of(pid)) {
    collect_socket_inodes(child, inodes);
  }
  std::set<std::uint16_t> ports;
  const fs::path net = "/proc/" + std::to_string(pid) + "/net";
  collect_listening(net / "tcp", inodes, ports);
  collect_listening(net / "tcp6", inodes, ports);
  return {ports.begin(), ports.end()};
}

} // namespace pier::apps
