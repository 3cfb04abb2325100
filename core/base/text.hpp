#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pier {

std::vector<std::string> split(std::string_view text, char separator); ///< "a,,b" has three parts
std::string join(std::span<const std::string> parts, std::string_view separator);
std::string_view trim(std::string_view text);
std::string to_lower(std::string_view text); ///< ASCII
std::string to_upper(std::string_view text); ///< ASCII
std::string replace_all(std::string text, std::string_view from, std::string_view to);
bool equals_ignore_case(std::string_view a, std::string_view b); ///< ASCII

/// Damerau-Levenshtein distance; stops early above `limit` and returns limit + 1.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit = 8);
/// The candidate nearest to `word`, empty if none is near enough to be a slip of the finger.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

/// True when the whole text is a decimal int64.
bool parse_int64(std::string_view text, std::int64_t& value);

} // namespace pier
