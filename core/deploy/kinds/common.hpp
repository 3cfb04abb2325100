#pragma once

#include "core/deploy/kind.hpp"
#include "core/workspace_client/workspace_client.hpp"

#include <string>

namespace pier::deploy::kinds {

/// "/api/2.0/apps/" + the id, percent-encoded.
inline std::string path_of(std::string_view base, std::string_view id, std::string_view rest = {}) {
  return std::string(base) + "/" + workspace_client::encode_segment(id) + std::string(rest);
}

/// Rules with the same reason.
inline std::vector<FieldRule> rules(std::string_view reason, std::initializer_list<std::string_view> fields) {
  std::vector<FieldRule> list;
  for (const auto field : fields) {
    list.push_back(FieldRule{.field = std::string(field), .reason = std::string(reason)});
  }
  return list;
}

/// Both lists, the first one first.
inline std::vector<FieldRule> joined(std::vector<FieldRule> a, std::vector<FieldRule> b) {
  a.insert(a.end(), std::make_move_iterator(b.begin()), std::make_move_iterator(b.end()));
  return a;
}

/// `lifecycle: {started: true|false}` of the configuration or a state, or nothing.
inline std::optional<bool> wanted_started(const Json& object) {
  const auto* started = object.find_path({"lifecycle", "started"});
  return started != nullptr && started->is_bool() ? std::optional(started->as_bool()) : std::nullopt;
}

/// The text at object.a.b, empty when it is not there.
inline std::string text_at(const Json& object, std::string_view a, std::string_view b) {
  const auto* value = object.find_path({a, b});
  return value != nullptr && value->is_string() ? value->as_string() : std::string();
}

/// Read by GET base/id.
inline std::function<Result<Json>(Operation&, const std::string&)> read_at(std::string base) {
  return [base = std::move(base)](Operation& operation, const std::string& id) {
    return operation.client.get(path_of(base, id));
  };
}

/// Create by POST; the id is the member `id_field` of the answer.
inline std::function<Result<std::string>(Operation&, Json&)> create_at(std::string path, std::string id_field) {
  return [path = std::move(path), id_field = std::move(id_field)](Operation& operation,
                                                                  Json& state) -> Result<std::string> {
    PIER_TRY_ASSIGN(const auto answer, operation.client.post(path, state));
    return answer.get_string(id_field);
  };
}

} // namespace pier::deploy::kinds
