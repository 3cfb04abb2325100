#include "core/lake/result_writer.hpp"

#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/lake/number_text.hpp"

#include <algorithm>
#include <charconv>

namespace pier::lake {
namespace {

constexpr std::size_t k_chunk_bytes = 2U << 20U;
constexpr std::size_t k_max_inline_bytes = 25U << 20U;

template <class Integer> void append_integer(std::string& out, Integer value) {
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, static_cast<std::int64_t>(value)).ptr;
  out.append(buffer, end);
}

/// One cell as a JSON string.
void append_cell(std::string& out, const Column& column, std::size_t row) {
  if (!column.is_valid(row)) {
    out += "null";
    return;
  }
  switch (column.type) {
  case PhysicalType::text:
  case PhysicalType::json: append_json_string(out, column.text(row)); return;
  case PhysicalType::binary: append_json_string(out, base64_encode(column.text(row))); return;
  default: break;
  }
  out += '"';
  switch (column.type) {
  case PhysicalType::boolean: out += column.values<bool>()[row] ? "true" : "false"; break;
  case PhysicalType::int8: append_integer(out, column.values<std::int8_t>()[row]); break;
  case PhysicalType::int16: append_integer(out, column.values<std::int16_t>()[row]); break;
  case PhysicalType::int32: append_integer(out, column.values<std::int32_t>()[row]); break;
  case PhysicalType::int64: append_integer(out, column.values<std::int64_t>()[row]); break;
  case PhysicalType::float32: append_float(out, column.values<float>()[row]); break;
  case PhysicalType::float64: append_double(out, column.values<double>()[row]); break;
  case PhysicalType::date: append_date(out, column.values<std::int32_t>()[row]); break;
  case PhysicalType::timestamp:
    append_timestamp(out, column.values<std::int64_t>()[row]);
    out += 'Z';
    break;
  case PhysicalType::timestamp_ntz: append_timestamp(out, column.values<std::int64_t>()[row]); break;
  default: append_decimal(out, column.decimal(row), column.scale); break;
  }
  out += '"';
}

/// Fills chunks; each is a complete JSON array.
class ChunkWriter {
 public:
  ChunkWriter(StatementResult& result, const ResultLimits& limits)
      : result_(result),
        limits_(limits) {}

  /// False when a limit was reached.
  Result<bool> add(const ColumnBatch& batch) {
    for (std::size_t row = 0; row < batch.rows; ++row) {
      if (limits_.rows && result_.row_count >= *limits_.rows) {
        result_.truncated = true;
        return false;
      }
      const auto before = text_.size();
      text_ += text_.empty() ? "[[" : ",[";
      bool first = true;
      for (const auto& column : batch.columns) {
        if (!std::exchange(first, false)) {
          text_ += ',';
        }
        append_cell(text_, column, row);
      }
      text_ += ']';
      total_ += text_.size() - before;
      if (limits_.bytes && total_ > static_cast<std::size_t>(std::max<std::int64_t>(0, *limits_.bytes))) {
        text_.resize(before);
        result_.truncated = true;
        return false;
      }
      if (total_ > k_max_inline_bytes) {
        return Error{.kind = ErrorKind::invalid_argument,
                     .code = "INLINE_RESULT_TOO_LARGE",
                     .message = "Inline byte limit exceeded. Statements executed with disposition=INLINE can have a "
                                "result size of at most 26214400 bytes.",
                     .hint = "add LIMIT, or set row_limit or byte_limit"};
      }
      ++result_.row_count;
      ++rows_;
      if (text_.size() >= k_chunk_bytes) {
        finish();
      }
    }
    return true;
  }

  void finish() {
    if (rows_ == 0) {
      return;
    }
    text_ += ']';
    result_.chunks.push_back(
        {.row_offset = result_.row_count - rows_, .row_count = rows_, .data_array = std::move(text_)});
    text_ = {};
    rows_ = 0;
  }

 private:
  StatementResult& result_;
  const ResultLimits& limits_;
  std::string text_;
  std::int64_t rows_ = 0;
  std::size_t total_ = 0;
};

bool needs_change(const EngineColumn& column, bool nested_as_json) {
  return column.needs_cast || column.type.kind == TypeKind::interval || (nested_as_json && column.type.is_nested());
}

} // namespace

std::string normalised_query(const std::string& query, std::span<const EngineColumn> columns, bool nested_as_json) {
  if (std::none_of(columns.begin(), columns.end(),
                   [&](const EngineColumn& column) { return needs_change(column, nested_as_json); })) {
    return query;
  }
  std::string values;
  std::string names;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto& column = columns[i];
    auto value = "c" + std::to_string(i);
    names += (i == 0 ? "" : ", ") + value;
    if (column.type.kind == TypeKind::interval) {
      value = "CAST(" + value + " AS VARCHAR)";
    } else if (column.needs_cast) {
      value = "CAST(" + value + " AS " + column.type.to_duckdb() + ")";
    }
    if (nested_as_json && column.type.is_nested()) {
      value = "CAST(to_json(" + value + ") AS VARCHAR)";
    }
    values += (i == 0 ? "" : ", ") + value + " AS " + quote_identifier(column.name);
  }
  return "SELECT " + values + " FROM (" + query + ") AS pier_result(" + names + ")";
}

Result<StatementResult> collect_result(EngineSession& session, const std::string& query, const ResultLimits& limits,
                                       std::stop_token stop, std::string_view reads) {
  PIER_TRY_ASSIGN(auto statement, session.prepare(query, reads));
  StatementResult result;
  for (const auto& column : statement->columns()) {
    result.columns.push_back({.name = column.name, .type = column.type});
  }
  if (auto normal = normalised_query(query, statement->columns(), true); normal != query) {
    PIER_TRY_ASSIGN(statement, session.prepare(normal, reads));
  }
  PIER_TRY_ASSIGN(const auto rows, statement->run(std::move(stop)));
  ChunkWriter writer(result, limits);
  ColumnBatch batch;
  while (true) {
    PIER_TRY_ASSIGN(const bool more, rows->next(batch));
    if (!more) {
      break;
    }
    PIER_TRY_ASSIGN(const bool go_on, writer.add(batch));
    if (!go_on) {
      break;
    }
  }
  writer.finish();
  return result;
}

StatementResult make_result(std::vector<ResultColumn> columns,
                            const std::vector<std::vector<std::optional<std::string>>>& rows) {
  StatementResult result{.columns = std::move(columns)};
  result.row_count = static_cast<std::int64_t>(rows.size());
  if (rows.empty()) {
    return result;
  }
  std::string text = "[";
  for (const auto& row : rows) {
    text += text.size() == 1 ? "[" : ",[";
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += i == 0 ? "" : ",";
      if (row[i]) {
        append_json_string(text, *row[i]);
      } else {
        text += "null";
      }
    }
    text += ']';
  }
  text += ']';
  result.chunks.push_back({.row_offset = 0, .row_count = result.row_count, .data_array = std::move(text)});
  return result;
}

std::vector<std::vector<std::optional<std::string>>> result_rows(const StatementResult& result) {
  std::vector<std::vector<std::optional<std::string>>> out;
  for (const auto& chunk : result.chunks) {
    const auto parsed = Json::parse(chunk.data_array);
    if (!parsed || !parsed->is_array()) {
      continue;
    }
    for (const auto& row : parsed->as_array()) {
      auto& cells = out.emplace_back();
      for (const auto& cell : row.as_array()) {
        cells.push_back(cell.is_string() ? std::optional(cell.as_string()) : std::nullopt);
      }
    }
  }
  return out;
}

} // namespace pier::lake
