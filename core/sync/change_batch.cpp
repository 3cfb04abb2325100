#include "core/sync/change_batch.hpp"

#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/sync/column_map.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace pier::sync {
namespace {

constexpr std::string_view k_row_prefix = "pier.row:";
constexpr std::string_view k_start_prefix = "pier.start";
constexpr std::uint32_t k_oid_bool = 16;

Error malformed(std::string message) {
  return Error{.kind = ErrorKind::internal, .code = "PIER8110", .message = std::move(message)};
}

std::string sort_text(Lsn commit, std::uint32_t sequence) {
  std::array<char, 32> text{};
  const int size =
      std::snprintf(text.data(), text.size(), "%016llX-%08X", static_cast<unsigned long long>(commit), sequence);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string timestamp_text(std::int64_t micros) {
  constexpr std::int64_t k_million = 1'000'000;
  auto seconds = micros / k_million;
  auto rest = micros % k_million;
  if (rest < 0) {
    rest += k_million;
    --seconds;
  }
  auto text = to_rfc3339(from_epoch_millis(seconds * 1'000)); // 2026-11-24T10:00:00Z
  text.pop_back();
  std::array<char, 12> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%06lld+00", static_cast<long long>(rest));
  return text + fraction.data();
}

/// PostgreSQL's text of a value as what the lake casts to the column's type. Values without a counterpart
/// (infinite dates and times, numeric NaN) become NULL.
std::optional<std::string> cell(const PgColumn& column, std::string text) {
  using lake::TypeKind;
  const auto kind = delta_type(column.type_oid, column.modifier).kind;
  if (column.type_oid == k_oid_bool) {
    return text == "t" ? "true" : "false";
  }
  if (kind == TypeKind::binary && text.starts_with("\\x")) {
    const auto bytes = hex_decode(std::string_view(text).substr(2));
    return bytes ? std::optional(*bytes) : std::nullopt;
  }
  const bool is_time = kind == TypeKind::date || kind == TypeKind::timestamp || kind == TypeKind::timestamp_ntz;
  if ((is_time && text.find("infinity") != std::string::npos) ||
      (kind == TypeKind::decimal && (text == "NaN" || text.find("Infinity") != std::string::npos))) {
    return std::nullopt;
  }
  return text;
}

Result<PgRelation> relation_of(const Json& start) {
  PgRelation relation{.id = static_cast<std::uint32_t>(start.get_integer("relid")),
                      .schema = start.get_string("schema"),
                      .table = start.get_string("table")};
  const auto* columns = start.find("columns");
  if (columns == nullptr || !columns->is_array()) {
    return malformed("a start message without columns");
  }
  for (const auto& column : columns->as_array()) {
    if (!column.is_array() || column.size() != 3 || !column.as_array()[0].is_string() ||
        !column.as_array()[1].is_integer() || !column.as_array()[2].is_integer()) {
      return malformed("a start message with a broken column");
    }
    relation.columns.push_back({.name = column.as_array()[0].as_string(),
                                .type_oid = static_cast<std::uint32_t>(column.as_array()[1].as_integer()),
                                .modifier = static_cast<std::int32_t>(column.as_array()[2].as_integer())});
  }
  return relation;
}

/// After an ALTER TABLE in the middle of a transaction: its earlier rows get the new columns (NULL where there are
/// none).
void reshape(lake::RowBatch& rows, std::vector<lake::Field> columns) {
  std::vector<std::optional<std::string>> cells;
  const auto count = rows.rows();
  for (std::size_t row = 0; row < count; ++row) {
    for (const auto& column : columns) {
      const auto same = [&](const lake::Field& field) {
        return field.name == column.name && field.type == column.type;
      };
      const auto found = std::find_if(rows.columns.begin(), rows.columns.end(), same);
      const auto at = static_cast<std::size_t>(found - rows.columns.begin());
      cells.push_back(found == rows.columns.end() ? std::nullopt
                                                  : std::move(rows.cells[row * rows.columns.size() + at]));
    }
  }
  rows.columns = std::move(columns);
  rows.cells = std::move(cells);
}

} // namespace

std::string history_table_name(std::string_view table) {
  return "lb_" + to_lower(table) + "_history";
}

std::vector<lake::Field> history_columns(const PgRelation& relation) {
  std::vector<lake::Field> fields;
  for (const auto& column : relation.columns) {
    fields.push_back({.name = column.name, .type = delta_type(column.type_oid, column.modifier)});
  }
  const auto add = [&fields](std::string name, lake::TypeKind kind) {
    fields.push_back({.name = std::move(name), .type = {.kind = kind}});
  };
  add("_pg_change_type", lake::TypeKind::string);
  add("_pg_lsn", lake::TypeKind::int64);
  add("_pg_xid", lake::TypeKind::int64);
  add("_timestamp", lake::TypeKind::timestamp);
  add("_sort_by", lake::TypeKind::string);
  return fields;
}

Result<bool> ChangeBatch::add(const PgOutputMessage& message) {
  if (const auto* begin = std::get_if<BeginMessage>(&message)) {
    begin_ = *begin;
    sequence_ = 0;
    in_transaction_ = true;
    open_.clear();
    skips_.clear();
  } else if (const auto* relation = std::get_if<PgRelation>(&message)) {
    relations_.insert_or_assign(relation->id, *relation);
  } else if (const auto* insert = std::get_if<InsertMessage>(&message)) {
    PIER_TRY(add_row(insert->relation, "insert", insert->row));
  } else if (const auto* update = std::get_if<UpdateMessage>(&message)) {
    if (update->before) {
      PIER_TRY(add_row(update->relation, "update_preimage", *update->before));
    }
    PIER_TRY(add_row(update->relation, "update_postimage", update->after, update->before ? &*update->before : nullptr));
  } else if (const auto* removal = std::get_if<DeleteMessage>(&message)) {
    PIER_TRY(add_row(removal->relation, "delete", removal->before));
  } else if (const auto* truncate = std::get_if<TruncateMessage>(&message)) {
    PIER_TRY(add_truncates(*truncate));
  } else if (const auto* logical = std::get_if<LogicalMessage>(&message)) {
    PIER_TRY(add_logical(*logical));
  } else if (const auto* done = std::get_if<CommitMessage>(&message)) {
    commit(*done);
    return true;
  }
  return false;
}

Result<ChangeBatch::OpenRows*> ChangeBatch::open_rows(std::uint32_t id) {
  const auto known = relations_.find(id);
  if (known == relations_.end()) {
    return malformed("a change of relation " + std::to_string(id) + ", which was not described");
  }
  if (const auto skip = skips_.find(id); skip != skips_.end()) {
    if (skip->second) {
      return static_cast<OpenRows*>(nullptr);
    }
  } else {
    PIER_TRY_ASSIGN(const auto start, filter_.start_of(id));
    PIER_TRY_ASSIGN(const auto done, filter_.done_until(known->second));
    const bool leave_out = begin_.commit < start || begin_.commit <= done;
    skips_.emplace(id, leave_out);
    if (leave_out) {
      return static_cast<OpenRows*>(nullptr);
    }
  }
  auto& rows = open_[id];
  if (rows.rows.columns.empty() || rows.relation.columns != known->second.columns) {
    rows.relation = known->second;
    reshape(rows.rows, history_columns(known->second));
  }
  return &rows;
}

Result<void> ChangeBatch::add_row(std::uint32_t id, std::string_view change, const PgTuple& row, const PgTuple* old) {
  PIER_TRY_ASSIGN(auto* const rows, open_rows(id));
  if (rows == nullptr) {
    return {};
  }
  const auto& columns = rows->relation.columns;
  if (row.size() != columns.size()) {
    return malformed("a row of " + rows->relation.table + " has " + std::to_string(row.size()) + " values for " +
                     std::to_string(columns.size()) + " columns");
  }
  auto& cells = rows->rows.cells;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto* value = &row[i];
    if (value->kind == PgValue::Kind::unchanged && old != nullptr && i < old->size()) {
      value = &(*old)[i];
    }
    if (value->kind == PgValue::Kind::text) {
      cells.push_back(cell(columns[i], value->text));
    } else {
      cells.emplace_back();
    }
  }
  cells.emplace_back(std::string(change));
  cells.emplace_back(std::to_string(begin_.commit));
  cells.emplace_back(std::to_string(begin_.xid));
  cells.emplace_back(timestamp_text(begin_.time_micros));
  cells.emplace_back(sort_text(begin_.commit, ++sequence_));
  return {};
}

Result<void> ChangeBatch::add_truncates(const TruncateMessage& message) {
  for (const auto id : message.relations) {
    if (const auto known = relations_.find(id); known != relations_.end()) {
      PIER_TRY(add_row(id, "truncate", PgTuple(known->second.columns.size())));
    }
  }
  return {};
}

Result<void> ChangeBatch::add_logical(const LogicalMessage& message) {
  if (message.prefix == k_start_prefix) {
    PIER_TRY_ASSIGN(const auto start, Json::parse(message.content));
    PIER_TRY_ASSIGN(auto relation, relation_of(start));
    const auto id = relation.id;
    relations_.insert_or_assign(id, std::move(relation));
    return {};
  }
  return message.prefix.starts_with(k_row_prefix) ? add_snapshot_row(message) : Result<void>();
}

Result<void> ChangeBatch::add_snapshot_row(const LogicalMessage& message) {
  std::int64_t id = 0;
  if (!parse_int64(std::string_view(message.prefix).substr(k_row_prefix.size()), id)) {
    return malformed("a row message with the prefix " + message.prefix);
  }
  PIER_TRY_ASSIGN(const auto values, Json::parse(message.content));
  if (!values.is_array()) {
    return malformed("a row message that is no list");
  }
  PgTuple row;
  for (const auto& value : values.as_array()) {
    row.push_back(value.is_string() ? PgValue{.kind = PgValue::Kind::text, .text = value.as_string()} : PgValue{});
  }
  return add_row(static_cast<std::uint32_t>(id), "insert", row);
}

void ChangeBatch::commit(const CommitMessage& message) {
  in_transaction_ = false;
  complete_until_ = message.end;
  for (auto& [id, open] : open_) {
    if (open.rows.cells.empty()) {
      continue;
    }
    ready_rows_ += open.rows.rows();
    // Appended to the waiting rows of the same shape, else a batch of its own: order is kept.
    HistoryRows* last = nullptr;
    for (auto& waiting : ready_) {
      last = waiting.relation == id ? &waiting : last;
    }
    if (last != nullptr && last->table == open.relation.table && last->schema == open.relation.schema &&
        last->rows.columns == open.rows.columns) {
      last->rows.cells.insert(last->rows.cells.end(), std::make_move_iterator(open.rows.cells.begin()),
                              std::make_move_iterator(open.rows.cells.end()));
      last->last_commit = message.commit;
      last->last_commit_micros = begin_.time_micros;
    } else {
      ready_.push_back({.relation = id,
                        .schema = open.relation.schema,
                        .table = open.relation.table,
                        .rows = std::move(open.rows),
                        .last_commit = message.commit,
                        .last_commit_micros = begin_.time_micros});
    }
  }
  open_.clear();
}

void ChangeBatch::clear_ready() {
  ready_.clear();
  ready_rows_ = 0;
}

} // namespace pier::sync
