#pragma once

#include "core/base/json.hpp"

#include <string>
#include <string_view>

namespace pier::bundles {

/// The text in double quotes with escapes, as messages show what a user wrote.
inline std::string in_quotes(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

} // namespace pier::bundles
