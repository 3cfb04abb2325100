#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pier::deploy {

/// A ZIP archive in memory (APPNOTE 6.3: stored members, no ZIP64). The same members give the same bytes: all bear
/// the date 2000-01-01.
class ZipArchive {
 public:
  void add(std::string_view name, std::string_view content);

  /// The whole archive; nothing can be added afterwards.
  [[nodiscard]] std::string finish() &&;

 private:
  struct Member {
    std::string name;
    std::uint32_t checksum = 0;
    std::uint32_t size = 0;
    std::uint32_t offset = 0;
  };

  std::string out_;
  std::vector<Member> members_;
};

} // namespace pier::deploy
