#include "core/jobs/task_context.hpp"

#include "core/apps/guard/log_file.hpp"
#include "core/base/files.hpp"
#include "core/lake/sql/lexer.hpp"

namespace pier::jobs {
namespace {

constexpr std::uint64_t k_log_limit = 10ULL * 1024 * 1024;

/// The task's own parameters win over those of the job; `:name` in the file takes them.
std::vector<lake::Parameter> parameters_of(const TaskContext& context, const Json& spec) {
  std::map<std::string, std::string> values;
  for (const Json* source : {&context.run.parameters, spec.find("parameters")}) {
    if (source != nullptr && source->is_object()) {
      for (const auto& [name, value] : source->as_object()) {
        values[name] = value.is_string() ? value.as_string() : value.dump();
      }
    }
  }
  std::vector<lake::Parameter> parameters;
  for (auto& [name, value] : values) {
    parameters.push_back({.name = name, .value = std::move(value)});
  }
  return parameters;
}

/// The first line of a statement, for the log.
std::string headline(const std::string& statement) {
  const auto line = statement.substr(0, statement.find('\n'));
  return line.size() > 120 ? line.substr(0, 117) + "..." : line;
}

} // namespace

Result<TaskOutcome> run_sql_task(const TaskContext& context, const Json& spec) {
  const Json* path = spec.find_path({"file", "path"});
  if (path == nullptr || !path->is_string()) {
    return TaskOutcome{.failure = "the local workspace runs sql_task with a file only"};
  }
  auto& rooms = context.shared.rooms;
  const auto warehouse = spec.get_string("warehouse_id");
  PIER_TRY(rooms.permissions.require(context.run_as, {"sql/warehouses", warehouse}, "CAN_USE"));
  PIER_TRY(rooms.access.require(context.run_as, path->as_string(), "CAN_READ"));
  PIER_TRY_ASSIGN(const auto script, rooms.files.read(path->as_string()));
  PIER_TRY_ASSIGN(const auto statements, lake::sql::split_script(script));
  PIER_TRY(make_directories(context.log_file().parent_path(), 0700));
  PIER_TRY_ASSIGN(auto log, apps::LogFile::open(context.log_file(), k_log_limit));

  lake::StatementRequest request;
  request.caller = context.run_as;
  request.parameters = parameters_of(context, spec);
  request.stop = context.stop;
  for (const auto& statement : statements) {
    log.append("APP", headline(statement), rooms.clock.now());
    request.sql = statement;
    auto result = rooms.lake.execute(request);
    if (!result) {
      if (result.error().kind == ErrorKind::interrupted) {
        return std::move(result).error();
      }
      log.append("APP", result.error().to_string(), rooms.clock.now());
      return TaskOutcome{.error_trace = statement, .failure = result.error().to_string()};
    }
    if (!result->catalog.empty()) {
      request.catalog = result->catalog;
    }
    if (!result->schema.empty()) {
      request.schema = result->schema;
    }
  }
  return TaskOutcome{};
}

} // namespace pier::jobs
