#include "bundles/yaml/source_text.hpp"

#include <algorithm>

namespace pier::bundles {
namespace {

std::uint32_t count_characters(std::string_view text) {
  return static_cast<std::uint32_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// Bytes of a quoted scalar that closes on its line, 0 if it does not.
std::size_t quoted_length(std::string_view rest) {
  const char quote = rest.front();
  for (std::size_t i = 1; i < rest.size() && rest[i] != '\n'; ++i) {
    if (quote == '"' && rest[i] == '\\') {
      ++i;
    } else if (rest[i] == quote) {
      if (quote == '\'' && i + 1 < rest.size() && rest[i + 1] == quote) {
        ++i;
        continue;
      }
      return i + 1;
    }
  }
  return 0;
}

} // namespace

Place SourceText::place(Position position) const {
  const std::size_t offset = std::min(position.offset, text_.size());
  if (offset >= known_offset_) {
    const auto skipped = text_.substr(known_offset_, offset - known_offset_);
    const auto newline = skipped.rfind('\n');
    if (newline == std::string_view::npos) {
      known_column_ += count_characters(skipped);
    } else {
      known_line_ += static_cast<std::uint32_t>(std::count(skipped.begin(), skipped.end(), '\n'));
      known_line_start_ = known_offset_ + newline + 1;
      known_column_ = 1 + count_characters(text_.substr(known_line_start_, offset - known_line_start_));
    }
  } else {
    const auto skipped = text_.substr(offset, known_offset_ - offset);
    if (offset >= known_line_start_) {
      known_column_ -= count_characters(skipped);
    } else {
      known_line_ -= static_cast<std::uint32_t>(std::count(skipped.begin(), skipped.end(), '\n'));
      const auto newline = offset == 0 ? std::string_view::npos : text_.rfind('\n', offset - 1);
      known_line_start_ = newline == std::string_view::npos ? 0 : newline + 1;
      known_column_ = 1 + count_characters(text_.substr(known_line_start_, offset - known_line_start_));
    }
  }
  known_offset_ = offset;
  return {file_, known_line_, known_column_, 0};
}

Place SourceText::scalar_place(Position position, std::string_view value) const {
  Place result = place(position);
  const auto rest = text_.substr(std::min(position.offset, text_.size()));
  if (rest.empty()) {
    return result;
  }
  if (rest.front() == '"' || rest.front() == '\'') {
    result.length = count_characters(rest.substr(0, quoted_length(rest)));
  } else if (rest.substr(0, value.size()) == value && value.find('\n') == std::string_view::npos) {
    result.length = count_characters(value);
  }
  return result;
}

} // namespace pier::bundles
