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

/// "/Workspace" + path, once.
inline std::string with_workspace_prefix(const std::string& path) {
  return path == "/Workspace" || path.starts_with("/Workspace/")
             ? path
             : "/Workspace" + (path.empty() || path.front() != '/' ? std::string("/") : std::string()) + path;
}

/// Adds the second list to the first.
inline void append(std::vector<FieldRule>& to, std::vector<FieldRule> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
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

/// Keeps the members of an answer that the official CLI knows: those of the configuration and those that only the
/// workspace has. The field lists are those that `kind` has now.
inline std::function<Json(const Json&)> pick_known(const Kind& kind) {
  auto known = kind.state_fields;
  known.insert(known.end(), kind.remote_fields.begin(), kind.remote_fields.end());
  return [known = std::move(known)](const Json& remote) { return pick(remote, known); };
}

/// The same as read_at with nothing but known members: others would show up in plans.
inline std::function<Result<Json>(Operation&, const std::string&)> read_known_at(std::string base, const Kind& kind) {
  return
      [base = std::move(base), known = pick_known(kind)](Operation& operation, const std::string& id) -> Result<Json> {
        PIER_TRY_ASSIGN(const auto answer, operation.client.get(path_of(base, id)));
        return known(answer);
      };
}

/// Read by GET path?name=id.
inline std::function<Result<Json>(Operation&, const std::string&)> read_by(std::string path, std::string name) {
  return [path = std::move(path), name = std::move(name)](Operation& operation, const std::string& id) {
    http::Query query;
    query.add(name, id);
    return operation.client.get(path, std::move(query));
  };
}

/// Update by PATCH base/id?update_mask=* with the whole state.
inline std::function<Result<void>(Operation&, const Update&, Json&)> patch_whole(std::string base) {
  return [base = std::move(base)](Operation& operation, const Update& update, Json& state) -> Result<void> {
    http::Query query;
    query.add("update_mask", "*");
    PIER_TRY(operation.client.patch(path_of(base, update.id), state, std::move(query)));
    return {};
  };
}

/// Remove by DELETE base/id; `query` is a constant switch ("force=true").
inline std::function<Result<void>(Operation&, const std::string&, const Json&)> remove_at(std::string base,
                                                                                          std::string flag = {}) {
  return [base = std::move(base), flag = std::move(flag)](Operation& operation, const std::string& id,
                                                          const Json&) -> Result<void> {
    http::Query query;
    if (!flag.empty()) {
      query.add(flag, "true");
    }
    PIER_TRY(operation.client.remove(path_of(base, id), std::move(query)));
    return {};
  };
}

/// Remove by POST path {name: id}.
inline std::function<Result<void>(Operation&, const std::string&, const Json&)> remove_by(std::string path,
                                                                                          std::string name) {
  return [path = std::move(path), name = std::move(name)](Operation& operation, const std::string& id,
                                                          const Json&) -> Result<void> {
    PIER_TRY(operation.client.post(path, Json::object({{name, id}})));
    return {};
  };
}

/// Update by PATCH base/id with these members of the state.
inline std::function<Result<void>(Operation&, const Update&, Json&)> patch_at(std::string base,
                                                                              std::vector<std::string> fields) {
  return [base = std::move(base), fields = std::move(fields)](Operation& operation, const Update& update,
                                                              Json& state) -> Result<void> {
    PIER_TRY(operation.client.patch(path_of(base, update.id), pick(state, fields)));
    return {};
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

/// Create by POST, whose answer is what a read would tell; the id is its member `id_field`.
inline std::function<Result<std::string>(Operation&, Json&)> create_and_know_at(std::string path,
                                                                                std::string id_field) {
  return [path = std::move(path), id_field = std::move(id_field)](Operation& operation,
                                                                  Json& state) -> Result<std::string> {
    PIER_TRY_ASSIGN(operation.told, operation.client.post(path, state));
    return operation.told.get_string(id_field);
  };
}

} // namespace pier::deploy::kinds
