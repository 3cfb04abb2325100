#include "core/files/notebook.hpp"
#include "core/files/workspace_files.hpp"

#include <doctest/doctest.h>

namespace pier::files {

TEST_CASE("notebook: extension and first line decide") {
  struct Case {
    const char* name;
    const char* content;
    const char* stem; ///< nullptr: a plain file
    const char* language;
  };

  const Case cases[] = {
      {"a.py", "# Databricks notebook source\nx = 1", "a", "PYTHON"},
      {"a.py", "# Databricks notebook source\r\nx = 1", "a", "PYTHON"},
      {"a.PY", "# Databricks notebook source", "a", "PYTHON"},
      {"a.py", "\xEF\xBB\xBF# Databricks notebook source\n", "a", "PYTHON"},
      {"a.py", "x = 1\n# Databricks notebook source\n", nullptr, ""},
      {"a.py", "# Databricks notebook source code\n", nullptr, ""},
      {"a.txt", "# Databricks notebook source\n", nullptr, ""},
      {"a.sql", "-- Databricks notebook source\nSELECT 1", "a", "SQL"},
      {"a.sql", "# Databricks notebook source\n", nullptr, ""},
      {"a.scala", "// Databricks notebook source\n", "a", "SCALA"},
      {"a.r", "# Databricks notebook source\n", "a", "R"},
      {"a.ipynb", "{\"cells\":[],\"metadata\":{\"language_info\":{\"name\":\"sql\"}}}", "a", "SQL"},
      {"a.ipynb", "not json", "a", "PYTHON"},
      {"a.designer.ipynb", "{}", nullptr, ""},
      {"py", "# Databricks notebook source\n", nullptr, ""},
  };
  for (const auto& item : cases) {
    CAPTURE(item.name);
    CAPTURE(item.content);
    const auto kind = detect_notebook(item.name, item.content);
    REQUIRE(kind.has_value() == (item.stem != nullptr));
    if (kind) {
      CHECK(kind->stem == item.stem);
      CHECK(kind->language == item.language);
    }
  }
}

TEST_CASE("notebook: Jupyter cells become source with COMMAND lines and MAGIC") {
  const auto source = source_of_ipynb(R"({"cells":[{"cell_type":"markdown","source":["# Title\n","text"]},
    {"cell_type":"code","source":"x = 1"},{"cell_type":"code","source":["%sql\n","SELECT 1"]}],"metadata":{}})");
  REQUIRE(source);
  CHECK(*source == "# Databricks notebook source\n# MAGIC %md\n# MAGIC # Title\n# MAGIC text\n"
                   "\n# COMMAND ----------\n\nx = 1\n\n# COMMAND ----------\n\n# MAGIC %sql\n# MAGIC SELECT 1\n");
  CHECK_FALSE(source_of_ipynb("nope"));
}

TEST_CASE("canonical path: one spelling of each place") {
  CHECK(*canonical_path("/Workspace/Users/a@b") == "/Users/a@b");
  CHECK(*canonical_path("//Users///a@b/") == "/Users/a@b");
  CHECK(*canonical_path("/Workspace") == "/");
  CHECK(*canonical_path("/") == "/");
  CHECK(*canonical_path("/Workspaces/x") == "/Workspaces/x");
  CHECK(*canonical_path("/x/Workspace") == "/x/Workspace");
  for (const auto* bad : {"", "a", "/a/../b", "/./a", "/a\nb", "/\xff"}) {
    CHECK(canonical_path(bad).error().kind == ErrorKind::invalid_argument);
  }
  CHECK_FALSE(canonical_path("/" + std::string(300, 'x')));
}

} // namespace pier::files
