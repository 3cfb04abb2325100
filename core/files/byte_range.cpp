#include "core/files/byte_range.hpp"

#include "core/base/text.hpp"

#include <algorithm>

namespace pier::files {
namespace {

bool parse_number(std::string_view text, std::uint64_t& value) {
  std::int64_t number = 0;
  if (text.empty() || text.front() < '0' || text.front() > '9' || !parse_int64(text, number)) {
    return false;
  }
  value = static_cast<std::uint64_t>(number);
  return true;
}

} // namespace

RangeRequest parse_range(std::string_view header, std::uint64_t size) {
  constexpr std::string_view k_unit = "bytes=";
  const RangeRequest whole{.range = {.offset = 0, .length = size}};
  if (!header.starts_with(k_unit)) {
    return whole;
  }
  const auto spec = trim(header.substr(k_unit.size()));
  const auto dash = spec.find('-');
  if (dash == std::string_view::npos) {
    return whole;
  }
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  const auto head = spec.substr(0, dash);
  const auto tail = spec.substr(dash + 1);
  if (head.empty()) {
    if (!parse_number(tail, last)) {
      return whole;
    }
    const auto length = std::min(last, size);
    return length == 0 ? RangeRequest{.kind = RangeKind::unsatisfiable}
                       : RangeRequest{.kind = RangeKind::part, .range = {.offset = size - length, .length = length}};
  }
  if (!parse_number(head, first) || (!tail.empty() && (!parse_number(tail, last) || last < first))) {
    return whole;
  }
  if (first >= size) {
    return RangeRequest{.kind = RangeKind::unsatisfiable};
  }
  const auto end = tail.empty() ? size : std::min(last + 1, size);
  return RangeRequest{.kind = RangeKind::part, .range = {.offset = first, .length = end - first}};
}

} // namespace pier::files
