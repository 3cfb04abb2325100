#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace pier::files {

/// Part of a body of known size; RFC 9110 14.
struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  bool operator==(const ByteRange&) const = default;
};

enum class RangeKind { whole, part, unsatisfiable };

struct RangeRequest {
  RangeKind kind = RangeKind::whole;
  ByteRange range;
};

/// "bytes=0-99", "bytes=100-", "bytes=-10". Anything else, also several ranges, means the whole, as the RFC allows.
RangeRequest parse_range(std::string_view header, std::uint64_t size);

} // namespace pier::files
