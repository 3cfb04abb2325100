#pragma once

#include "core/base/result.hpp"

#include <string>
#include <string_view>

/// Developer's log: off unless PIER_LOG names a level. One line each, key=value, no secrets, never the
/// only place a fact appears. error = bug, warn = degraded, info = state change, debug = decision.
namespace pier::log {

enum class Level { trace, debug, info, warn, error, off };

struct Settings {
  std::string level;    ///< "trace", "debug", "info", "warn", "error"; anything else: nothing is logged
  std::string file{};   ///< appended to; empty or "stderr", or "stdout"
  bool as_json = false; ///< one object a line: time, level, area, msg
};

/// At the start of a program. Error PIER0102 when the file cannot be written.
Result<void> configure(const Settings& settings);
bool enabled(Level level);

/// log::info("lakebase", "event=started instance=shop port=5433")
void debug(std::string_view area, std::string_view line);
void info(std::string_view area, std::string_view line);
void warn(std::string_view area, std::string_view line);
void error(std::string_view area, std::string_view line);

} // namespace pier::log
