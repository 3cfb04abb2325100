#pragma once

#include "core/lake/data_type.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace pier::lake {

__extension__ using Int128 = __int128;

/// How the values of a column lie in memory.
enum class PhysicalType {
  boolean, ///< one byte, 0 or 1
  int8,
  int16,
  int32,
  int64,
  float32,
  float64,
  decimal16, ///< scaled integers of 2, 4, 8 or 16 bytes: value = integer / 10^scale
  decimal32,
  decimal64,
  decimal128,
  text,          ///< StringSlot: UTF-8
  binary,        ///< StringSlot: bytes
  json,          ///< StringSlot: an array, map or struct as JSON text
  date,          ///< int32 days since 1970-01-01
  timestamp,     ///< int64 µs since 1970-01-01T00:00:00Z
  timestamp_ntz, ///< int64 µs since 1970-01-01 00:00:00, wall clock
};

/// 16 bytes: the length, then the bytes themselves up to 12, else a prefix of 4 and a pointer.
struct StringSlot {
  std::uint32_t length;
  char prefix[4];

  union {
    char rest[8];
    const char* pointer;
  };

  [[nodiscard]] std::string_view view() const {
    return length <= 12 ? std::string_view(prefix, length) : std::string_view(pointer, length);
  }
};

static_assert(sizeof(StringSlot) == 16);

/// One column of a batch: a view of memory that the engine owns.
struct Column {
  PhysicalType type = PhysicalType::int64;
  std::uint8_t precision = 0; ///< decimals
  std::uint8_t scale = 0;
  const void* data = nullptr;
  const std::uint64_t* validity = nullptr; ///< bit set: valid; null: all are

  [[nodiscard]] bool is_valid(std::size_t row) const {
    return validity == nullptr || ((validity[row / 64] >> (row % 64)) & 1U) != 0;
  }

  /// The raw values; T must fit the physical type.
  template <class T> [[nodiscard]] const T* values() const { return static_cast<const T*>(data); }

  /// text, binary, json.
  [[nodiscard]] std::string_view text(std::size_t row) const { return values<StringSlot>()[row].view(); }

  /// The scaled integer of a decimal of any width.
  [[nodiscard]] Int128 decimal(std::size_t row) const {
    switch (type) {
    case PhysicalType::decimal16: return values<std::int16_t>()[row];
    case PhysicalType::decimal32: return values<std::int32_t>()[row];
    case PhysicalType::decimal64: return values<std::int64_t>()[row];
    default: break;
    }
    Int128 value = 0;
    std::memcpy(&value, values<char>() + row * sizeof value, sizeof value);
    return value;
  }
};

/// Some rows (about 2,000), column by column. Valid only during the callback that gets it.
struct ColumnBatch {
  std::span<const Column> columns;
  std::size_t rows = 0;
};

} // namespace pier::lake
