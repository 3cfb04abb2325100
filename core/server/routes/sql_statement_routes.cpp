#include "core/base/text.hpp"
#include "core/lake/statements.hpp"
#include "core/lake/warehouses.hpp"
#include "core/server/routes.hpp"

#include <algorithm>
#include <array>

// SQL Statement Execution (facts: workspace-api 3.7).
namespace pier::server {
namespace {

using http::Cost;
using http::Response;
using lake::StatementState;
using lake::StatementView;

Error invalid(std::string message) {
  return Error{.kind = ErrorKind::invalid_argument, .code = "INVALID_PARAMETER_VALUE", .message = std::move(message)};
}

Error not_offered(std::string message) {
  return Error{.kind = ErrorKind::unsupported, .code = "NOT_IMPLEMENTED", .message = std::move(message)};
}

/// What to do with a statement besides running it.
struct Submission {
  lake::StatementRequest request;
  std::string warehouse;
  std::chrono::milliseconds wait{10'000};
  bool cancel_on_timeout = false;
};

/// "0s", or "5s" to "50s".
Result<std::chrono::milliseconds> wait_timeout(const std::string& text) {
  std::int64_t seconds = 0;
  if (!text.ends_with('s') || !parse_int64(text.substr(0, text.size() - 1), seconds) ||
      (seconds != 0 && (seconds < 5 || seconds > 50))) {
    return invalid("wait_timeout must be 0s or between 5s and 50s, not '" + text + "'.");
  }
  return std::chrono::milliseconds(seconds * 1000);
}

Result<std::vector<lake::Parameter>> parameters(const Json& body) {
  std::vector<lake::Parameter> out;
  const auto* list = body.find("parameters");
  if (list == nullptr || list->is_null()) {
    return out;
  }
  if (!list->is_array()) {
    return invalid("parameters must be a list.");
  }
  for (const auto& item : list->as_array()) {
    lake::Parameter parameter{.name = item.get_string("name"), .type = item.get_string("type", "STRING")};
    if (parameter.name.empty()) {
      return invalid("A statement parameter must have a name.");
    }
    if (const auto* value = item.find("value"); value != nullptr && !value->is_null()) {
      parameter.value = value->is_string() ? value->as_string() : value->dump();
    }
    out.push_back(std::move(parameter));
  }
  return out;
}

Result<void> check_members(const Json& body) {
  constexpr std::array<std::string_view, 14> k_known{
      "statement",  "warehouse_id",      "catalog", "schema",       "parameters",      "row_limit",
      "byte_limit", "disposition",       "format",  "wait_timeout", "on_wait_timeout", "query_tags",
      "session_id", "result_compression"};
  for (const auto& [key, value] : body.as_object()) {
    if (std::find(k_known.begin(), k_known.end(), key) == k_known.end()) {
      return invalid("Unknown field '" + key + "' of a statement.");
    }
  }
  const auto disposition = body.get_string("disposition", "INLINE");
  if (disposition != "INLINE" && disposition != "INLINE_OR_EXTERNAL_LINKS") {
    return not_offered("The local workspace answers with disposition INLINE only, not " + disposition + ".");
  }
  if (const auto format = body.get_string("format", "JSON_ARRAY"); format != "JSON_ARRAY") {
    return not_offered("The local workspace answers in the format JSON_ARRAY only, not " + format + ".");
  }
  if (body.contains("session_id")) {
    return not_offered("The local workspace has no SQL sessions: name catalog and schema in the statement.");
  }
  return {};
}

Result<Submission> parse(ApiCall& call) {
  if (!call.body.is_object()) {
    return invalid("The request must be a JSON object.");
  }
  PIER_TRY(check_members(call.body));
  Submission out;
  PIER_TRY_ASSIGN(out.request.sql, call.required("statement"));
  PIER_TRY_ASSIGN(out.warehouse, call.required("warehouse_id"));
  out.request.caller = call.caller;
  out.request.catalog = call.body.get_string("catalog");
  out.request.schema = call.body.get_string("schema");
  PIER_TRY_ASSIGN(out.request.parameters, parameters(call.body));
  for (const auto* name : {"row_limit", "byte_limit"}) {
    if (const auto* value = call.body.find(name); value != nullptr && !value->is_null()) {
      if (!value->is_integer() || value->as_integer() <= 0) {
        return invalid(std::string(name) + " must be a positive number.");
      }
      (std::string_view(name) == "row_limit" ? out.request.row_limit : out.request.byte_limit) = value->as_integer();
    }
  }
  PIER_TRY_ASSIGN(out.wait, wait_timeout(call.body.get_string("wait_timeout", "10s")));
  const auto action = call.body.get_string("on_wait_timeout", "CONTINUE");
  if (action != "CONTINUE" && action != "CANCEL") {
    return invalid("on_wait_timeout must be CONTINUE or CANCEL.");
  }
  out.cancel_on_timeout = action == "CANCEL";
  return out;
}

Json status_json(const StatementView& view) {
  auto status = Json::object({{"state", to_string(view.state)}});
  if (view.error && view.state == StatementState::failed) {
    const auto& error = *view.error;
    auto message = "[" + error.code + "] " + error.message;
    if (!error.hint.empty()) {
      message += " (" + error.hint + ")";
    }
    const auto state = lake::sql_state_of(error.code);
    message += state.empty() ? "" : " SQLSTATE: " + std::string(state);
    status["error"] =
        Json::object({{"error_code", error.kind == ErrorKind::internal || error.kind == ErrorKind::io ? "INTERNAL_ERROR"
                                                                                                      : "BAD_REQUEST"},
                      {"message", std::move(message)}});
    if (!state.empty()) {
      status["sql_state"] = state;
    }
  }
  return status;
}

Json manifest_json(const StatementView& view) {
  auto columns = Json::array();
  for (std::size_t i = 0; i < view.columns.size(); ++i) {
    const auto& column = view.columns[i];
    auto item = Json::object({{"name", column.name},
                              {"type_text", column.type.to_sql()},
                              {"type_name", column.type.type_name()},
                              {"position", static_cast<std::int64_t>(i)}});
    if (column.type.kind == lake::TypeKind::decimal) {
      item["type_precision"] = std::int64_t{column.type.precision};
      item["type_scale"] = std::int64_t{column.type.scale};
    }
    columns.push_back(std::move(item));
  }
  auto chunks = Json::array();
  for (std::size_t i = 0; i < view.chunks.size(); ++i) {
    chunks.push_back(Json::object({{"chunk_index", static_cast<std::int64_t>(i)},
                                   {"row_offset", view.chunks[i].row_offset},
                                   {"row_count", view.chunks[i].row_count}}));
  }
  auto schema =
      Json::object({{"column_count", static_cast<std::int64_t>(view.columns.size())}, {"columns", std::move(columns)}});
  auto out = Json::object({{"format", "JSON_ARRAY"},
                           {"schema", std::move(schema)},
                           {"total_chunk_count", static_cast<std::int64_t>(view.chunks.size())},
                           {"total_row_count", view.row_count},
                           {"truncated", view.truncated}});
  if (!view.chunks.empty()) {
    out["chunks"] = std::move(chunks);
  }
  return out;
}

/// ResultData with the rows put in as they are: they are JSON already.
std::string result_json(const StatementView& view, std::size_t index, const std::string& data) {
  const auto chunk = index < view.chunks.size() ? view.chunks[index] : lake::ChunkInfo{};
  auto out = Json::object({{"chunk_index", static_cast<std::int64_t>(index)},
                           {"row_offset", chunk.row_offset},
                           {"row_count", chunk.row_count}});
  if (index + 1 < view.chunks.size()) {
    const auto next = static_cast<std::int64_t>(index + 1);
    out["next_chunk_index"] = next;
    out["next_chunk_internal_link"] = "/api/2.0/sql/statements/" + view.id + "/result/chunks/" + std::to_string(next) +
                                      "?row_offset=" + std::to_string(view.chunks[index + 1].row_offset);
  }
  auto text = out.dump();
  if (!view.columns.empty()) {
    text.pop_back();
    text += ",\"data_array\":" + (data.empty() ? std::string("[]") : data) + "}";
  }
  return text;
}

Result<Response> answer(Workspace& workspace, const identity::Caller& caller, const StatementView& view) {
  std::string text = R"({"statement_id":")" + view.id + R"(","status":)" + status_json(view).dump();
  if (view.state == StatementState::succeeded) {
    std::string data;
    if (!view.chunks.empty()) {
      PIER_TRY_ASSIGN(data, workspace.statements->chunk(caller, view.id, 0));
    }
    text += ",\"manifest\":" + manifest_json(view).dump() + ",\"result\":" + result_json(view, 0, data);
  }
  return Response::json(200, text + "}");
}

Result<Response> submit(ApiCall& call, Workspace& workspace) {
  PIER_TRY_ASSIGN(auto submission, parse(call));
  PIER_TRY_ASSIGN(const auto warehouse, workspace.warehouses->get(submission.warehouse));
  PIER_TRY(workspace.permissions->require(call.caller, lake::warehouse_object(warehouse.id), "CAN_USE"));
  if (warehouse.state != "RUNNING") {
    PIER_TRY(workspace.warehouses->set_state(warehouse.id, "RUNNING"));
  }
  PIER_TRY_ASSIGN(const auto id, workspace.statements->submit(std::move(submission.request)));
  PIER_TRY_ASSIGN(auto view, workspace.statements->wait(call.caller, id, submission.wait));
  const bool ended = view.state != StatementState::pending && view.state != StatementState::running;
  if (!ended && submission.cancel_on_timeout) {
    PIER_TRY(workspace.statements->cancel(call.caller, id));
    constexpr std::chrono::seconds k_heard{5};
    PIER_TRY_ASSIGN(view, workspace.statements->wait(call.caller, id, k_heard));
  }
  return answer(workspace, call.caller, view);
}

Result<Response> chunk(const ApiCall& call, Workspace& workspace) {
  std::int64_t index = 0;
  if (!parse_int64(call.at("chunk"), index) || index < 0) {
    return invalid("The chunk index must be a number.");
  }
  PIER_TRY_ASSIGN(const auto view,
                  workspace.statements->wait(call.caller, call.at("id"), std::chrono::milliseconds(0)));
  PIER_TRY_ASSIGN(const auto data, workspace.statements->chunk(call.caller, view.id, static_cast<std::size_t>(index)));
  return Response::json(200, result_json(view, static_cast<std::size_t>(index), data));
}

} // namespace

void register_sql_statement_routes(ApiRouter& router, Workspace& workspace) {
  const std::string base = "/api/2.0/sql/statements";
  const auto post = [&](ApiCall& call) { return submit(call, workspace); };
  router.raw("POST", base, post, Cost::slow);
  router.raw("POST", base + "/", post, Cost::slow); // as the SDKs write it
  router.raw("GET", base + "/{id}", [&](ApiCall& call) -> Result<Response> {
    PIER_TRY_ASSIGN(const auto view,
                    workspace.statements->wait(call.caller, call.at("id"), std::chrono::milliseconds(0)));
    return answer(workspace, call.caller, view);
  });
  router.raw("GET", base + "/{id}/result/chunks/{chunk}", [&](ApiCall& call) { return chunk(call, workspace); });
  router.json("POST", base + "/{id}/cancel", [&](ApiCall& call) -> Result<Json> {
    PIER_TRY(workspace.statements->cancel(call.caller, call.at("id")));
    return Json::object();
  });
  router.json("DELETE", base + "/{id}", [&](ApiCall& call) -> Result<Json> {
    PIER_TRY(workspace.statements->close(call.caller, call.at("id")));
    return Json::object();
  });
  router.not_offered("/api/2.0/sql/sessions", "The local workspace has no SQL sessions.");
}

} // namespace pier::server
