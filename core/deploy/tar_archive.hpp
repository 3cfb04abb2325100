#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace pier::deploy {

/// A tar archive (POSIX.1-1988 ustar, names that do not fit there by a pax record). The same files give the same bytes:
/// all bear the date 2000-01-01 and nobody's name.
class TarArchive {
 public:
  using Sink = std::function<void(std::string_view)>;

  /// `sink` gets the archive piece by piece.
  explicit TarArchive(Sink sink);

  void add(std::string_view name, std::string_view content, bool executable);

  void finish();

 private:
  void add_long_name(std::string_view name);

  void add_header(std::string_view header);
  void add_content(std::string_view content);
  void pad();

  Sink sink_;
  std::size_t open_ = 0; ///< bytes behind the last whole block
};

} // namespace pier::deploy
