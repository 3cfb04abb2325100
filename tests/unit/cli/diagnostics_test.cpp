#include "cli/render/diagnostics.hpp"

#include "core/base/files.hpp"

#include <doctest/doctest.h>

using namespace pier;

TEST_CASE("code frame: excerpt, caret below the span, help") {
  const auto folder = TempDirectory::create().value();
  REQUIRE(write_file_atomically(folder.path() / "databricks.yml", "bundle:\n  näme: x\n"));
  Diagnostics diagnostics;
  diagnostics.error("PIER1001", "unknown field: näme", {{"databricks.yml", 2, 3, 2, 7}}, "did you mean name?");
  CHECK(cli::render_diagnostics(diagnostics.all(), folder.path(), cli::Style()) ==
        "error[PIER1001]: unknown field: näme\n"
        "  --> databricks.yml:2:3\n"
        "   |\n"
        "2  |   näme: x\n"
        "   |   ^^^^\n"
        "   = help: did you mean name?\n"
        "\n");
}

TEST_CASE("code frame: a missing file still names the place") {
  Diagnostics diagnostics;
  diagnostics.warning("", "gone", {{"no.yml", 3, 1, 3, 1}});
  CHECK(cli::render_diagnostics(diagnostics.all(), "/nonexistent", cli::Style()) ==
        "warning: gone\n  --> no.yml:3:1\n\n");
  CHECK(cli::count_diagnostics(diagnostics) == "1 warning");
}
