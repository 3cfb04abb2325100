#pragma once

#include "bundles/yaml/value.hpp"

#include <cstddef>
#include <string_view>

namespace pier::bundles {

/// A byte in a source text; `line` counts from 1, 0: not known yet.
struct Position {
  std::size_t offset = 0;
  std::uint32_t line = 0;
};

/// Turns byte offsets into lines and columns (in characters). Cheap for positions that mostly ascend,
/// also in a file that is one very long line. Refers to the text.
class SourceText {
 public:
  SourceText(std::string_view text, const std::string* file)
      : text_(text),
        file_(file) {}

  [[nodiscard]] Place place(Position position) const;
  /// Place of a scalar that starts here, with its length when it ends on the same line.
  [[nodiscard]] Place scalar_place(Position position, std::string_view value) const;

  [[nodiscard]] std::string_view text() const { return text_; }

  [[nodiscard]] const std::string* file() const { return file_; }

 private:
  std::string_view text_;
  const std::string* file_;
  mutable std::size_t known_offset_ = 0; ///< the last answer, from which the next is counted
  mutable std::size_t known_line_start_ = 0;
  mutable std::uint32_t known_line_ = 1;
  mutable std::uint32_t known_column_ = 1;
};

} // namespace pier::bundles
