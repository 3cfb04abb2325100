#include "bundles/schema/json_schema.hpp"
#include "cli/command.hpp"

namespace pier::cli {
namespace {

Result<Report> print_schema(const Arguments&, Context&) {
  Report report;
  report.raw_stdout = bundles::json_schema().dump(2) + "\n";
  return report;
}

} // namespace

CommandSpec schema_command() {
  return {.name = "schema",
          .summary = "Print a JSON Schema of databricks.yml for editors",
          .description = "Editors with a YAML language server complete and check databricks.yml by it: write it to a\n"
                         "file and put `# yaml-language-server: $schema=FILE` on the first line of databricks.yml.",
          .examples = {"pier schema > databricks.schema.json"},
          .run = print_schema};
}

CommandSpec bundle_schema_command() {
  return {.name = "bundle schema", .summary = "The same as `pier schema`", .run = print_schema};
}

} // namespace pier::cli
