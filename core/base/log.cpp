#include "core/base/log.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

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

void write(Level level, std::string_view area, std::string_view line) {
  logger().log(to_spdlog(level), "area={} {}", area, line);
}

} // namespace

void configure(std::string_view level, std::string_view file) {
  if (!file.empty()) {
    logger().sinks() = {std::make_shared<spdlog::sinks::basic_file_sink_mt>(std::string(file))};
  }
  logger().set_pattern("%Y-%m-%dT%H:%M:%S.%eZ level=%l %v", spdlog::pattern_time_type::utc);
  logger().set_level(spdlog::level::from_str(std::string(level)));
  logger().flush_on(spdlog::level::debug);
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
