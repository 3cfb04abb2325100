#include "core/base/log.hpp"

#include "core/base/clock.hpp"
#include "core/base/fd.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <fcntl.h>

#include <atomic>
#include <memory>
#include <system_error>

namespace pier::log {
namespace {

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
  case Level::trace: return spdlog::level::trace;
  case Level::debug: return spdlog::level::debug;
  case Level::info: return spdlog::level::info;
  case Level::warn: return spdlog::level::warn;
  case Level::error: return spdlog::level::err;
  case Level::off: break;
  }
  return spdlog::level::off;
}

/// The one logger of the process; off until configured.
spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = std::make_shared<spdlog::logger>("pier", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_level(spdlog::level::off);
    return made;
  }();
  return *instance;
}

std::atomic<bool> as_json{false};

void write(Level level, std::string_view area, std::string_view line) {
  const auto wanted = to_spdlog(level);
  if (!logger().should_log(wanted)) {
    return;
  }
  if (!as_json) {
    logger().log(wanted, "area={} {}", area, line);
    return;
  }
  const auto name = spdlog::level::to_string_view(wanted);
  const auto object = Json::object({{"time", to_rfc3339(SystemClock().now())},
                                    {"level", to_upper(std::string_view(name.data(), name.size()))},
                                    {"area", area},
                                    {"msg", line}});
  logger().log(wanted, "{}", object.dump());
}

Result<spdlog::sink_ptr> open_sink(const std::string& file) {
  if (file == "stdout") {
    return spdlog::sink_ptr(std::make_shared<spdlog::sinks::stdout_sink_mt>());
  }
  if (file.empty() || file == "stderr") {
    return spdlog::sink_ptr(std::make_shared<spdlog::sinks::stderr_sink_mt>());
  }
  const UniqueFd probe(::open(file.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600));
  if (!probe) {
    return Error{.kind = ErrorKind::io,
                 .code = "PIER0102",
                 .message = "open " + file + ": " + to_lower(std::generic_category().message(errno))};
  }
  return spdlog::sink_ptr(std::make_shared<spdlog::sinks::basic_file_sink_mt>(file));
}

} // namespace

Result<void> configure(const Settings& settings) {
  PIER_TRY_ASSIGN(auto sink, open_sink(settings.file));
  logger().sinks() = {std::move(sink)};
  as_json = settings.as_json;
  logger().set_pattern(settings.as_json ? "%v" : "%Y-%m-%dT%H:%M:%S.%eZ level=%l %v", spdlog::pattern_time_type::utc);
  logger().set_level(spdlog::level::from_str(settings.level));
  logger().flush_on(spdlog::level::trace);
  return {};
}

bool enabled(Level level) {
  return logger().should_log(to_spdlog(level));
}

void debug(std::string_view area, std::string_view line) {
  write(Level::debug, area, line);
}

void info(std::string_view area, std::string_view line) {
  write(Level::info, area, line);
}

void warn(std::string_view area, std::string_view line) {
  write(Level::warn, area, line);
}

void error(std::string_view area, std::string_view line) {
  write(Level::error, area, line);
}

} // namespace pier::log
