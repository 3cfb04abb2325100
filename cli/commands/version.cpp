#include "cli/commands/all.hpp"

namespace pier::cli {

std::string version_line() {
  return "pier " PIER_VERSION "\n";
}

CommandSpec version_command() {
  return {.name = "version", .summary = "Show the version", .run = [](const Arguments&, Context&) -> Result<Report> {
            return Report{.text = version_line(), .json = Json::object({{"version", PIER_VERSION}})};
          }};
}

} // namespace pier::cli
