#include "core/sync/copy_encoder.hpp"

#include "core/base/clock.hpp"

#include <array>
#include <bit>
#include <chrono>
#include <cstring>
#include <limits>

namespace pier::sync {
namespace {

using lake::Column;
using lake::Int128;
using lake::PhysicalType;
__extension__ using UInt128 = unsigned __int128;

// PostgreSQL counts from 2000-01-01.
constexpr std::int64_t k_epoch_micros = 946'684'800'000'000;
constexpr std::int32_t k_epoch_days = 10'957;
// timestamp.h: the least instant; before it the value would be read as something else.
constexpr std::int64_t k_min_timestamp = -211'813'488'000'000'000;

template <class T> void put(char* at, T value) {
  using Unsigned = std::make_unsigned_t<T>;
  auto bits = static_cast<Unsigned>(value);
  for (std::size_t i = sizeof(T); i-- > 0;) {
    at[i] = static_cast<char>(bits & 0xFFU);
    if constexpr (sizeof(T) > 1) {
      bits = static_cast<Unsigned>(bits >> 8U);
    }
  }
}

/// A field: its length and its big-endian bytes, written in one go.
template <class T> void append_field(std::string& out, T value) {
  std::array<char, 4 + sizeof(T)> bytes; // NOLINT(cppcoreguidelines-pro-type-member-init)
  put(bytes.data(), static_cast<std::int32_t>(sizeof(T)));
  put(bytes.data() + 4, value);
  out.append(bytes.data(), bytes.size());
}

void append_null(std::string& out) {
  out.append("\xFF\xFF\xFF\xFF", 4);
}

void append_bytes(std::string& out, std::string_view bytes) {
  std::array<char, 4> length; // NOLINT(cppcoreguidelines-pro-type-member-init)
  put(length.data(), static_cast<std::int32_t>(bytes.size()));
  out.append(length.data(), length.size());
  out.append(bytes);
}

void append_json(std::string& out, std::string_view text) {
  std::array<char, 5> head; // NOLINT(cppcoreguidelines-pro-type-member-init)
  put(head.data(), static_cast<std::int32_t>(text.size() + 1));
  head[4] = 1; // jsonb_recv: version
  out.append(head.data(), head.size());
  out.append(text);
}

std::int64_t postgres_timestamp(std::int64_t micros) {
  // The engine's own infinities, and instants that PostgreSQL cannot hold; its end of time is out of our reach.
  if (micros == std::numeric_limits<std::int64_t>::max()) {
    return micros;
  }
  if (micros < k_min_timestamp + k_epoch_micros) {
    return std::numeric_limits<std::int64_t>::min();
  }
  return micros - k_epoch_micros;
}

std::int32_t postgres_date(std::int32_t days) {
  if (days == std::numeric_limits<std::int32_t>::max()) {
    return days;
  }
  if (days < std::numeric_limits<std::int32_t>::min() + k_epoch_days) {
    return std::numeric_limits<std::int32_t>::min();
  }
  return days - k_epoch_days;
}

std::string decimal_text(Int128 scaled, unsigned scale) {
  const bool negative = scaled < 0;
  auto rest = negative ? -static_cast<UInt128>(scaled) : static_cast<UInt128>(scaled);
  std::string digits;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  } while (rest != 0);
  if (scale > 0) {
    if (digits.size() <= scale) {
      digits.insert(0, scale + 1 - digits.size(), '0');
    }
    digits.insert(digits.size() - scale, ".");
  }
  return (negative ? "-" : "") + digits;
}

/// A NUL inside of JSON is \u0000, which jsonb refuses; an escaped backslash before u0000 is something else.
bool has_escaped_nul(std::string_view json) {
  for (auto at = json.find("\\u0000"); at != std::string_view::npos; at = json.find("\\u0000", at + 1)) {
    std::size_t backslashes = 1;
    while (backslashes <= at && json[at - backslashes] == '\\') {
      ++backslashes;
    }
    if (backslashes % 2 == 1) {
      return true;
    }
  }
  return false;
}

/// One value that is not NULL. False when it cannot be written (a NUL character).
bool append_value(std::string& out, const Column& column, std::size_t row) {
  switch (column.type) {
  case PhysicalType::boolean:
    append_field(out, static_cast<std::int8_t>(column.values<std::uint8_t>()[row] != 0));
    break;
  case PhysicalType::int8: append_field(out, static_cast<std::int16_t>(column.values<std::int8_t>()[row])); break;
  case PhysicalType::int16: append_field(out, column.values<std::int16_t>()[row]); break;
  case PhysicalType::int32: append_field(out, column.values<std::int32_t>()[row]); break;
  case PhysicalType::int64: append_field(out, column.values<std::int64_t>()[row]); break;
  case PhysicalType::float32: append_field(out, std::bit_cast<std::int32_t>(column.values<float>()[row])); break;
  case PhysicalType::float64: append_field(out, std::bit_cast<std::int64_t>(column.values<double>()[row])); break;
  case PhysicalType::decimal16:
  case PhysicalType::decimal32:
  case PhysicalType::decimal64:
  case PhysicalType::decimal128: append_numeric(out, column.decimal(row), column.scale); break;
  case PhysicalType::text: {
    const auto text = column.text(row);
    if (std::memchr(text.data(), 0, text.size()) != nullptr) {
      return false;
    }
    append_bytes(out, text);
    break;
  }
  case PhysicalType::binary: append_bytes(out, column.text(row)); break;
  case PhysicalType::json: {
    const auto text = column.text(row);
    if (has_escaped_nul(text)) {
      return false;
    }
    append_json(out, text);
    break;
  }
  case PhysicalType::date: append_field(out, postgres_date(column.values<std::int32_t>()[row])); break;
  case PhysicalType::timestamp:
  case PhysicalType::timestamp_ntz: append_field(out, postgres_timestamp(column.values<std::int64_t>()[row])); break;
  }
  return true;
}

} // namespace

std::string_view copy_header() {
  static constexpr char k_header[] = "PGCOPY\n\xFF\r\n\0\0\0\0\0\0\0\0";
  return {k_header, 19};
}

std::string_view copy_trailer() {
  return {"\xFF\xFF", 2};
}

void append_numeric(std::string& out, Int128 scaled, unsigned scale) {
  constexpr unsigned k_digits_per_group = 4;
  constexpr UInt128 k_group = 10'000;
  constexpr std::uint16_t k_negative = 0x4000;
  const bool negative = scaled < 0;
  auto rest = negative ? -static_cast<UInt128>(scaled) : static_cast<UInt128>(scaled);
  // The groups of four digits count from the decimal point: pad the fraction to whole groups.
  static constexpr std::array<unsigned, 4> k_powers = {1, 10, 100, 1'000};
  const unsigned padding = (k_digits_per_group - scale % k_digits_per_group) % k_digits_per_group;
  std::array<std::int16_t, 12> groups; // NOLINT: least significant first; 38 digits and padding fit in 11
  std::size_t count = 0;
  if (padding != 0) {
    // Without a multiplication, which could overflow at 38 digits.
    const unsigned low_digits = k_digits_per_group - padding;
    groups[count++] = static_cast<std::int16_t>(static_cast<unsigned>(rest % k_powers[low_digits]) * k_powers[padding]);
    rest /= k_powers[low_digits];
  }
  if (rest <= std::numeric_limits<std::uint64_t>::max()) {
    for (auto small = static_cast<std::uint64_t>(rest); small != 0; small /= 10'000) {
      groups[count++] = static_cast<std::int16_t>(small % 10'000);
    }
  } else {
    for (; rest != 0; rest /= k_group) {
      groups[count++] = static_cast<std::int16_t>(rest % k_group);
    }
  }
  const auto fraction_groups = static_cast<int>((scale + k_digits_per_group - 1) / k_digits_per_group);
  std::size_t first = 0; // trailing zero groups are not sent
  while (first < count && groups[first] == 0) {
    ++first;
  }
  while (count > first && groups[count - 1] == 0) {
    --count;
  }
  const auto sent = count - first;
  const auto weight = sent == 0 ? 0 : static_cast<int>(count) - 1 - fraction_groups;
  std::array<char, 12 + 2 * 12> bytes; // NOLINT(cppcoreguidelines-pro-type-member-init)
  put(bytes.data(), static_cast<std::int32_t>(8 + 2 * sent));
  put(bytes.data() + 4, static_cast<std::int16_t>(sent));
  put(bytes.data() + 6, static_cast<std::int16_t>(weight));
  put(bytes.data() + 8, static_cast<std::uint16_t>(negative && sent != 0 ? k_negative : 0));
  put(bytes.data() + 10, static_cast<std::int16_t>(scale));
  for (std::size_t i = 0; i < sent; ++i) {
    put(bytes.data() + 12 + 2 * i, groups[count - 1 - i]);
  }
  out.append(bytes.data(), 12 + 2 * sent);
}

std::string describe_value(const Column& column, std::size_t row) {
  if (!column.is_valid(row)) {
    return "NULL";
  }
  switch (column.type) {
  case PhysicalType::boolean: return column.values<std::uint8_t>()[row] != 0 ? "true" : "false";
  case PhysicalType::int8: return std::to_string(column.values<std::int8_t>()[row]);
  case PhysicalType::int16: return std::to_string(column.values<std::int16_t>()[row]);
  case PhysicalType::int32: return std::to_string(column.values<std::int32_t>()[row]);
  case PhysicalType::int64: return std::to_string(column.values<std::int64_t>()[row]);
  case PhysicalType::float32: return std::to_string(column.values<float>()[row]);
  case PhysicalType::float64: return std::to_string(column.values<double>()[row]);
  case PhysicalType::decimal16:
  case PhysicalType::decimal32:
  case PhysicalType::decimal64:
  case PhysicalType::decimal128: return decimal_text(column.decimal(row), column.scale);
  case PhysicalType::text:
  case PhysicalType::json: return std::string(column.text(row).substr(0, 100));
  case PhysicalType::binary: return "(binary)";
  case PhysicalType::date: {
    const auto time = from_epoch_millis(std::int64_t{column.values<std::int32_t>()[row]} * 86'400'000);
    return to_rfc3339(time).substr(0, 10);
  }
  case PhysicalType::timestamp:
  case PhysicalType::timestamp_ntz: return to_rfc3339(from_epoch_millis(column.values<std::int64_t>()[row] / 1'000));
  }
  return "?";
}

bool CopyEncoder::has_key(const lake::ColumnBatch& batch, std::size_t row) const {
  for (const auto column : columns_.key_columns) {
    if (!batch.columns[column].is_valid(row)) {
      return false;
    }
  }
  return true;
}

Result<void> CopyEncoder::encode_row(std::string& out, const lake::ColumnBatch& batch, std::size_t row) {
  for (std::size_t i = 0; i < columns_.fields.size(); ++i) {
    const auto& column = batch.columns[i];
    if (!column.is_valid(row)) {
      append_null(out);
    } else if (!append_value(out, column, row)) {
      return nul_character(batch, row, i);
    }
  }
  return {};
}

Result<void> CopyEncoder::append(std::string& out, const lake::ColumnBatch& batch) {
  const auto count = static_cast<std::int16_t>(columns_.fields.size());
  std::array<char, 2> head; // NOLINT(cppcoreguidelines-pro-type-member-init)
  put(head.data(), count);
  for (std::size_t row = 0; row < batch.rows; ++row) {
    if (!has_key(batch, row)) {
      ++skipped_;
      continue;
    }
    out.append(head.data(), head.size());
    PIER_TRY(encode_row(out, batch, row));
    ++rows_;
  }
  return {};
}

Result<void> CopyEncoder::append_row(std::string& out, const lake::ColumnBatch& batch, std::size_t row,
                                     const Extra& extra) {
  if (!has_key(batch, row)) {
    ++skipped_;
    return {};
  }
  std::array<char, 2> head; // NOLINT(cppcoreguidelines-pro-type-member-init)
  put(head.data(), static_cast<std::int16_t>(columns_.fields.size() + 2));
  out.append(head.data(), head.size());
  PIER_TRY(encode_row(out, batch, row));
  append_field(out, extra.operation);
  append_field(out, extra.version);
  ++rows_;
  return {};
}

Error CopyEncoder::nul_character(const lake::ColumnBatch& batch, std::size_t row, std::size_t column) const {
  std::string key;
  for (const auto position : columns_.key_columns) {
    key += (key.empty() ? "" : ", ") + columns_.fields[position].name + " = " +
           describe_value(batch.columns[position], row);
  }
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "PIER8103",
               .message = "column " + columns_.fields[column].name + " of the row with " + key +
                          " holds a NUL character, which PostgreSQL cannot store",
               .hint = "remove it in the source: replace(" + columns_.fields[column].name + ", chr(0), '')"};
}

} // namespace pier::sync
