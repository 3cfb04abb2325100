#include "core/sync/copy_encoder.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace pier;
using namespace pier::sync;
using namespace std::string_literals;

namespace {

std::string numeric(lake::Int128 scaled, unsigned scale) {
  std::string out;
  append_numeric(out, scaled, scale);
  return out;
}

/// length, digits, weight, sign, scale, groups; as numeric_send writes it.
std::string sent(std::initializer_list<int> words) {
  std::string out("\0\0\0", 3);
  out += static_cast<char>(2 * words.size());
  for (const auto word : words) {
    out += static_cast<char>((word >> 8) & 0xFF);
    out += static_cast<char>(word & 0xFF);
  }
  return out;
}

lake::StringSlot slot(std::string_view text) {
  lake::StringSlot out{};
  out.length = static_cast<std::uint32_t>(text.size());
  if (text.size() <= 12) {
    std::memcpy(out.prefix, text.data(), text.size());
  } else {
    std::memcpy(out.prefix, text.data(), 4);
    out.pointer = text.data();
  }
  return out;
}

} // namespace

TEST_CASE("numeric: groups of four digits around the decimal point") {
  CHECK(numeric(0, 2) == sent({0, 0, 0, 2}));
  CHECK(numeric(150, 2) == sent({2, 0, 0, 2, 1, 5000}));
  CHECK(numeric(-150, 2) == sent({2, 0, 0x4000, 2, 1, 5000}));
  CHECK(numeric(5, 2) == sent({1, -1, 0, 2, 500}));
  CHECK(numeric(12345678, 0) == sent({2, 1, 0, 0, 1234, 5678}));
  CHECK(numeric(10000, 0) == sent({1, 1, 0, 0, 1}));
  CHECK(numeric(1, 10) == sent({1, -3, 0, 10, 100}));
  const lake::Int128 largest = [] {
    lake::Int128 value = 0;
    for (int i = 0; i < 38; ++i) {
      value = value * 10 + 9;
    }
    return value;
  }();
  CHECK(numeric(largest, 0) == sent({10, 9, 0, 0, 99, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999}));
  CHECK(numeric(largest, 38) == sent({10, -1, 0, 38, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9900}));
  CHECK(numeric(largest, 37) == sent({11, 0, 0, 37, 9, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9000}));
}

TEST_CASE("copy encoder: rows without key are left out, others whole") {
  const auto map = ColumnMap::make({{.name = "id", .type = {.kind = lake::TypeKind::int32}},
                                    {.name = "name", .type = {.kind = lake::TypeKind::string}}},
                                   {"id"})
                       .value();
  const std::array<std::int32_t, 3> ids = {1, 2, 3};
  const std::array<lake::StringSlot, 3> names = {slot("a"), slot("b"), slot("a longer text than twelve")};
  const std::uint64_t id_valid = 0b101;
  const std::uint64_t name_valid = 0b110;
  const std::array<lake::Column, 2> columns = {
      lake::Column{.type = lake::PhysicalType::int32, .data = ids.data(), .validity = &id_valid},
      lake::Column{.type = lake::PhysicalType::text, .data = names.data(), .validity = &name_valid}};
  CopyEncoder encoder(map);
  std::string out;
  REQUIRE(encoder.append(out, {.columns = columns, .rows = 3}));
  CHECK(encoder.rows() == 2);
  CHECK(encoder.skipped() == 1);
  CHECK(out == "\0\x02\0\0\0\x04\0\0\0\x01\xFF\xFF\xFF\xFF"s
               "\0\x02\0\0\0\x04\0\0\0\x03\0\0\0\x19"s
               "a longer text than twelve"s);
}

TEST_CASE("copy encoder: a NUL character is refused and its row named") {
  const auto map = ColumnMap::make({{.name = "id", .type = {.kind = lake::TypeKind::int64}},
                                    {.name = "note", .type = {.kind = lake::TypeKind::string}}},
                                   {"id"})
                       .value();
  const std::array<std::int64_t, 1> ids = {42};

  struct Case {
    lake::PhysicalType type;
    std::string text;
    bool good;
  };

  for (const auto& item :
       {Case{lake::PhysicalType::text, "a\0b"s, false}, Case{lake::PhysicalType::json, R"({"a":"x\u0000"})", false},
        Case{lake::PhysicalType::json, R"({"a":"x\\u0000"})", true}}) {
    CAPTURE(item.text);
    const std::array<lake::StringSlot, 1> notes = {slot(item.text)};
    const std::array<lake::Column, 2> columns = {lake::Column{.type = lake::PhysicalType::int64, .data = ids.data()},
                                                 lake::Column{.type = item.type, .data = notes.data()}};
    CopyEncoder encoder(map);
    std::string out;
    const auto done = encoder.append(out, {.columns = columns, .rows = 1});
    CHECK(done.has_value() == item.good);
    if (!done) {
      CHECK(done.error().message.find("id = 42") != std::string::npos);
      CHECK(done.error().message.find("note") != std::string::npos);
    }
  }
}
