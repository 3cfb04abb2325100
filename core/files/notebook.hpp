#pragma once

#include "core/base/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace pier::files {

/// What makes a file a notebook of the workspace (facts: sync protocol).
struct NotebookKind {
  std::string language; ///< PYTHON, SQL, SCALA, R
  bool is_ipynb = false;
  std::string stem; ///< the name without its extension, as the workspace shows it
};

/// By extension and first line: "# Databricks notebook source" in .py and .r, "// …" in .scala, "-- …" in .sql, or
/// any .ipynb (but not *.designer.ipynb). Nothing for a plain file.
std::optional<NotebookKind> detect_notebook(std::string_view file_name, std::string_view content);

/// ".py" for PYTHON, ".ipynb" for the Jupyter format …
std::string_view extension_of(std::string_view language, bool is_ipynb);
/// Language by extension: ".py" → PYTHON; empty if it is none of a notebook's.
std::string_view language_of_extension(std::string_view file_name);

/// The source form of a Jupyter notebook: cells joined by "# COMMAND ----------", other cells as "# MAGIC" lines.
Result<std::string> source_of_ipynb(std::string_view content);

} // namespace pier::files
