#include "core/lake/delta/file_stats.hpp"

#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <optional>

namespace pier::lake::delta {
namespace {

constexpr std::size_t k_max_text = 32; ///< bytes; a longer bound only costs
constexpr std::size_t k_max_columns = 32;

std::string json_text(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

/// A long text is cut; a cut maximum ends with the greatest character, so that it stays above all it was.
std::optional<std::string> text_bound(const std::string& text, bool is_max) {
  if (!is_valid_utf8(text)) {
    return std::nullopt;
  }
  if (text.size() <= k_max_text) {
    return json_text(text);
  }
  constexpr std::string_view k_greatest = "\xF4\x8F\xBF\xBF"; // U+10FFFF
  auto end = k_max_text;
  while ((static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) { // in the middle of a character
    --end;
  }
  if (is_max && text.compare(end, k_greatest.size(), k_greatest) == 0) {
    return std::nullopt;
  }
  return json_text(text.substr(0, end) + std::string(is_max ? k_greatest : std::string_view()));
}

/// "2024-01-31 10:00:00.5+00" as "2024-01-31T10:00:00.5Z", all its digits.
std::optional<std::string> time_bound(std::string text, bool instant) {
  constexpr std::size_t k_shortest = 19;
  if (instant && text.ends_with("+00")) {
    text.resize(text.size() - 3);
  }
  if (text.size() < k_shortest || text[4] != '-' || text[10] != ' ' || text.find_first_of("+( ", 11) < text.size()) {
    return std::nullopt; // years below 1 or above 9999
  }
  text[10] = 'T';
  return json_text(text + (instant ? "Z" : ""));
}

std::optional<std::string> bound(const DataType& type, const std::string& text, bool is_max) {
  switch (type.kind) {
  case TypeKind::int8:
  case TypeKind::int16:
  case TypeKind::int32:
  case TypeKind::int64:
  case TypeKind::float32:
  case TypeKind::float64:
  case TypeKind::decimal: // the engine's text is a JSON number, but for inf
    return text.find_first_not_of("0123456789.eE+-") == std::string::npos ? std::optional(text) : std::nullopt;
  case TypeKind::boolean: return text == "1" || text == "true" ? "true" : "false";
  case TypeKind::date: return text.size() == 10 ? std::optional(json_text(text)) : std::nullopt;
  case TypeKind::timestamp: return time_bound(text, true);
  case TypeKind::timestamp_ntz: return time_bound(text, false);
  default: return text_bound(text, is_max);
  }
}

bool has_order(TypeKind kind) {
  return kind <= TypeKind::string || kind == TypeKind::date || kind == TypeKind::timestamp ||
         kind == TypeKind::timestamp_ntz;
}

void append_member(std::string& object, const std::string& name, const std::string& value) {
  object += (object.empty() ? "" : ",") + json_text(name) + ":" + value;
}

} // namespace

std::string file_stats(const WrittenFile& file, const std::vector<Field>& columns) {
  const auto rows = "{\"numRecords\":" + std::to_string(file.rows);
  std::string minimum;
  std::string maximum;
  std::string nulls;
  std::size_t count = 0;
  for (const auto& column : columns) {
    const auto found = file.statistics.find(quote_identifier(column.name));
    if (found == file.statistics.end() || ++count > k_max_columns) {
      continue;
    }
    const auto& values = found->second;
    std::int64_t null_count = -1;
    if (const auto entry = values.find("null_count"); entry != values.end()) {
      parse_int64(entry->second, null_count);
    }
    if (null_count >= 0) {
      append_member(nulls, column.name, std::to_string(null_count));
    }
    if (!has_order(column.type.kind) || null_count == file.rows) {
      continue;
    }
    const auto low = values.find("min");
    const auto high = values.find("max");
    const auto nan = values.find("has_nan");
    if (low == values.end() || high == values.end() || (nan != values.end() && nan->second == "true")) {
      return rows + "}";
    }
    const auto least = bound(column.type, low->second, false);
    const auto greatest = bound(column.type, high->second, true);
    if (!least || !greatest) {
      return rows + "}";
    }
    append_member(minimum, column.name, *least);
    append_member(maximum, column.name, *greatest);
  }
  return rows + ",\"minValues\":{" + minimum + "},\"maxValues\":{" + maximum + "},\"nullCount\":{" + nulls + "}}";
}

} // namespace pier::lake::delta
