#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace pier::bundles {

/// What a plain scalar means. The tag names are those of YAML: "!!int", "!!bool", "!!null" …
struct PlainScalar {
  std::string_view tag;
  std::variant<std::monostate, bool, std::int64_t, double> value; ///< empty for null, text and timestamps
};

/// The meaning of a scalar without quotes and tag: true/false in three casings, decimal, 0x, 0o, 0b and
/// `_`-separated integers (leading zeros are decimal), floats, .inf, .nan, dates; yes/no/on/off are texts.
/// "!!int" without a value: beyond 64 bits.
PlainScalar resolve_plain_scalar(std::string_view text);

/// True for `2024-1-31`, optionally with a time as YAML 1.1 writes it.
bool is_timestamp(std::string_view text);

} // namespace pier::bundles
