#pragma once

#include <string_view>

/// Developer's log: off unless PIER_LOG names a level. One line each, key=value, no secrets, never the
/// only place a fact appears. error = bug, warn = degraded, info = state change, debug = decision.
namespace pier::log {

enum class Level { trace, debug, info, warn, error, off };

/// Once, at the start of a program. `file` empty: stderr. level: "debug", "info" …
void configure(std::string_view level, std::string_view file = {});
bool enabled(Level level);

/// log::info("lakebase", "event=started instance=shop port=5433")
void debug(std::string_view area, std::string_view line);
void info(std::string_view area, std::string_view line);
void warn(std::string_view area, std::string_view line);
void error(std::string_view area, std::string_view line);

} // namespace pier::log
