#include "bundles/steps/notebook.hpp"

#include "core/base/text.hpp"

#include <array>
#include <fstream>
#include <system_error>

namespace pier::bundles {
namespace {

namespace fs = std::filesystem;

struct Language {
  std::string_view extension;
  std::string_view header;
};

constexpr std::array k_languages = {
    Language{".py", "# Databricks notebook source"}, Language{".r", "# Databricks notebook source"},
    Language{".scala", "// Databricks notebook source"}, Language{".sql", "-- Databricks notebook source"}};

std::string first_bytes(const fs::path& path, std::size_t count) {
  std::ifstream stream(path, std::ios::binary);
  std::string text(count, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(count));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

} // namespace

FileSort sort_of_file(const fs::path& path) {
  std::error_code code;
  const auto status = fs::status(path, code);
  if (!fs::exists(status)) {
    return FileSort::missing;
  }
  if (fs::is_directory(status)) {
    return FileSort::folder;
  }
  const auto extension = to_lower(path.extension().string());
  if (extension == ".ipynb") {
    return FileSort::notebook;
  }
  for (const auto& language : k_languages) {
    if (extension == language.extension) {
      const auto begin = first_bytes(path, 64);
      const auto line = trim(std::string_view(begin).substr(0, begin.find('\n')));
      return line == language.header ? FileSort::notebook : FileSort::file;
    }
  }
  return FileSort::file;
}

std::string without_notebook_extension(std::string_view path) {
  if (path.ends_with(".designer.ipynb")) {
    return std::string(path); // these keep their name in the workspace
  }
  const auto extension = fs::path(path).extension().string();
  const auto lower = to_lower(extension);
  bool known = lower == ".ipynb";
  for (const auto& language : k_languages) {
    known = known || lower == language.extension;
  }
  return std::string(known ? path.substr(0, path.size() - extension.size()) : path);
}

} // namespace pier::bundles
