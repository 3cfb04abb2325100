#include "cli/statement_client.hpp"

#include <algorithm>

namespace pier::cli {
namespace {

constexpr std::string_view k_path = "/api/2.0/sql/statements";

bool is_running(const Json& answer) {
  const auto* state = answer.find_path({"status", "state"});
  return state != nullptr && state->is_string() && (state->as_string() == "PENDING" || state->as_string() == "RUNNING");
}

Json request_of(const SqlStatement& statement) {
  auto body = Json::object({{"statement", statement.sql},
                            {"warehouse_id", statement.warehouse},
                            {"wait_timeout", "30s"},
                            {"on_wait_timeout", "CONTINUE"}});
  if (!statement.catalog.empty()) {
    body["catalog"] = statement.catalog;
  }
  if (!statement.schema.empty()) {
    body["schema"] = statement.schema;
  }
  for (const auto& [name, value] : statement.parameters) {
    body["parameters"].push_back(Json::object({{"name", name}, {"value", value}}));
  }
  return body;
}

Result<Json> wait_for_end(workspace_client::RestClient& client, Json answer) {
  constexpr std::chrono::milliseconds k_longest{2000};
  auto pause = std::chrono::milliseconds(100);
  const auto path = std::string(k_path) + "/" + answer.get_string("statement_id");
  while (is_running(answer)) {
    if (auto waited = client.pause(pause); !waited) {
      [[maybe_unused]] const auto ignored = client.for_cleanup()->post(path + "/cancel", Json::object());
      return std::move(waited).error();
    }
    pause = std::min(pause * 2, k_longest);
    PIER_TRY_ASSIGN(answer, client.get(path));
  }
  return answer;
}

Error failure(const Json& answer) {
  const auto* message = answer.find_path({"status", "error", "message"});
  const auto* state = answer.find_path({"status", "state"});
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "PIER0031",
               .message =
                   message != nullptr && message->is_string()
                       ? message->as_string()
                       : "the statement ended as " + (state == nullptr ? std::string("unknown") : state->dump())};
}

std::vector<SqlColumn> columns_of(const Json& answer) {
  std::vector<SqlColumn> out;
  if (const auto* columns = answer.find_path({"manifest", "schema", "columns"});
      columns != nullptr && columns->is_array()) {
    for (const auto& column : columns->as_array()) {
      out.push_back({.name = column.get_string("name"), .type = column.get_string("type_text", "STRING")});
    }
  }
  return out;
}

} // namespace

Result<void> run_sql(workspace_client::RestClient& client, const SqlStatement& statement, const SqlReader& reader) {
  PIER_TRY_ASSIGN(auto answer, client.post(std::string(k_path), request_of(statement)));
  PIER_TRY_ASSIGN(answer, wait_for_end(client, std::move(answer)));
  const auto* state = answer.find_path({"status", "state"});
  if (state == nullptr || !state->is_string() || state->as_string() != "SUCCEEDED") {
    return failure(answer);
  }
  reader.on_columns(columns_of(answer));
  Json chunk;
  if (const auto* result = answer.find("result")) {
    chunk = *result;
  }
  while (true) {
    if (const auto* rows = chunk.find("data_array"); rows != nullptr && rows->is_array()) {
      reader.on_rows(*rows);
    }
    const auto next = chunk.get_string("next_chunk_internal_link");
    if (next.empty()) {
      return {};
    }
    const auto question = next.find('?');
    http::Query query;
    if (question != std::string::npos) {
      query = http::Query::parse(std::string_view(next).substr(question + 1));
    }
    PIER_TRY_ASSIGN(chunk, client.get(next.substr(0, question), std::move(query)));
  }
}

Result<std::string> find_warehouse(workspace_client::RestClient& client, const std::string& wanted) {
  if (!wanted.empty()) {
    return wanted;
  }
  http::Query query;
  query.add("skip_cannot_use", "true");
  PIER_TRY_ASSIGN(const auto answer, client.get("/api/2.0/sql/warehouses", std::move(query)));
  std::string first;
  if (const auto* list = answer.find("warehouses"); list != nullptr && list->is_array()) {
    for (const auto& warehouse : list->as_array()) {
      if (warehouse.get_string("state") == "RUNNING") {
        return warehouse.get_string("id");
      }
      if (first.empty()) {
        first = warehouse.get_string("id");
      }
    }
  }
  if (first.empty()) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "PIER0032",
                 .message = "the workspace has no SQL warehouse that you may use",
                 .hint = "name one with --warehouse ID, or ask for CAN_USE on one"};
  }
  return first;
}

} // namespace pier::cli
