#include "core/apps/guard/guard_spec.hpp"

namespace pier::apps {

std::string GuardSpec::to_line() const {
  Json::Object variables;
  for (const auto& [name, value] : env) {
    variables.emplace(name, value);
  }
  const auto spec = Json::object({{"argv", Json::strings(argv)},
                                  {"env", Json(std::move(variables))},
                                  {"cwd", cwd},
                                  {"log_file", log_file},
                                  {"log_limit", static_cast<std::int64_t>(log_limit)},
                                  {"stop_grace_ms", static_cast<std::int64_t>(stop_grace.count())},
                                  {"hidden", Json::strings(hidden)},
                                  {"readable", Json::strings(readable)},
                                  {"writable", Json::strings(writable)},
                                  {"writes_anywhere", writes_anywhere},
                                  {"log_source", log_source}});
  return spec.dump() + "\n";
}

Result<GuardSpec> GuardSpec::parse(std::string_view line) {
  PIER_TRY_ASSIGN(const auto spec, Json::parse(line));
  GuardSpec result;
  result.argv = spec.get_strings("argv");
  if (result.argv.empty()) {
    return Error{.kind = ErrorKind::invalid_argument, .code = "PIER9001", .message = "no command to guard"};
  }
  if (const Json* env = spec.find("env"); env != nullptr && env->is_object()) {
    for (const auto& [name, value] : env->as_object()) {
      result.env.emplace(name, value.is_string() ? value.as_string() : value.dump());
    }
  }
  result.cwd = spec.get_string("cwd");
  result.log_file = spec.get_string("log_file");
  result.log_limit = static_cast<std::uint64_t>(spec.get_integer("log_limit", 10LL * 1024 * 1024));
  result.stop_grace = std::chrono::milliseconds(spec.get_integer("stop_grace_ms", 15'000));
  result.hidden = spec.get_strings("hidden");
  result.readable = spec.get_strings("readable");
  result.writable = spec.get_strings("writable");
  result.writes_anywhere = spec.get_bool("writes_anywhere", true);
  result.log_source = spec.get_string("log_source", "APP");
  return result;
}

} // namespace pier::apps
