#include "core/files/byte_range.hpp"

#include <doctest/doctest.h>

namespace pier::files {

TEST_CASE("byte range: the forms of RFC 9110") {
  struct Case {
    const char* header;
    RangeKind kind;
    std::uint64_t offset;
    std::uint64_t length;
  };

  const Case cases[] = {
      {"bytes=0-0", RangeKind::part, 0, 1},
      {"bytes=2-4", RangeKind::part, 2, 3},
      {"bytes=8-", RangeKind::part, 8, 2},
      {"bytes=8-99", RangeKind::part, 8, 2},
      {"bytes=-3", RangeKind::part, 7, 3},
      {"bytes=-99", RangeKind::part, 0, 10},
      {"bytes=10-", RangeKind::unsatisfiable, 0, 0},
      {"bytes=-0", RangeKind::unsatisfiable, 0, 0},
      {"bytes=4-2", RangeKind::whole, 0, 10},
      {"bytes=0-1,4-5", RangeKind::whole, 0, 10},
      {"bytes=", RangeKind::whole, 0, 10},
      {"bytes=--1", RangeKind::whole, 0, 10},
      {"lines=0-1", RangeKind::whole, 0, 10},
      {"bytes=99999999999999999999-", RangeKind::whole, 0, 10},
      {"", RangeKind::whole, 0, 10},
  };
  for (const auto& item : cases) {
    CAPTURE(item.header);
    const auto parsed = parse_range(item.header, 10);
    CHECK(parsed.kind == item.kind);
    CHECK(parsed.range == ByteRange{item.offset, item.length});
  }
}

} // namespace pier::files
