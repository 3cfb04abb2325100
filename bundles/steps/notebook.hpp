#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace pier::bundles {

enum class FileSort { missing, file, notebook, folder };

/// What stands at a path. A notebook is an .ipynb, or a .py, .r, .scala or .sql file whose first line is
/// the comment "Databricks notebook source".
FileSort sort_of_file(const std::filesystem::path& path);

/// "a/b.py" → "a/b"; only the extensions of notebooks go.
std::string without_notebook_extension(std::string_view path);

} // namespace pier::bundles
