#include "core/files/notebook.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <array>

namespace pier::files {
namespace {

struct Language {
  std::string_view name;
  std::string_view extension;
  std::string_view comment;
};

constexpr std::array<Language, 4> k_languages = {{
    {"PYTHON", ".py", "#"},
    {"SQL", ".sql", "--"},
    {"SCALA", ".scala", "//"},
    {"R", ".r", "#"},
}};

constexpr std::string_view k_header = " Databricks notebook source";

bool ends_with_ignore_case(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && equals_ignore_case(text.substr(text.size() - end.size()), end);
}

const Language* by_extension(std::string_view file_name) {
  for (const auto& language : k_languages) {
    if (ends_with_ignore_case(file_name, language.extension)) {
      return &language;
    }
  }
  return nullptr;
}

/// metadata.language_info.name, else the kernel's language, else Python.
std::string language_of_ipynb(const Json& document) {
  const auto* info = document.find_path({"metadata", "language_info", "name"});
  const auto* kernel = document.find_path({"metadata", "kernelspec", "language"});
  const auto* found = info != nullptr ? info : kernel;
  const auto name = to_upper(found != nullptr && found->is_string() ? found->as_string() : std::string("python"));
  for (const auto& language : k_languages) {
    if (language.name == name) {
      return name;
    }
  }
  return "PYTHON";
}

std::string text_of_cell(const Json& cell) {
  const auto* source = cell.find("source");
  if (source == nullptr) {
    return {};
  }
  if (source->is_string()) {
    return source->as_string();
  }
  std::string out;
  for (const auto& line : cell.get_strings("source")) {
    out += line;
  }
  return out;
}

void append_magic(std::string& out, std::string_view comment, std::string_view text) {
  for (const auto& line : split(text, '\n')) {
    out += comment;
    out += " MAGIC";
    out += line.empty() ? "" : " " + line;
    out += '\n';
  }
}

} // namespace

std::string_view language_of_extension(std::string_view file_name) {
  const auto* language = by_extension(file_name);
  return language == nullptr ? std::string_view() : language->name;
}

std::string_view extension_of(std::string_view language, bool is_ipynb) {
  if (is_ipynb) {
    return ".ipynb";
  }
  for (const auto& candidate : k_languages) {
    if (candidate.name == language) {
      return candidate.extension;
    }
  }
  return {};
}

std::optional<NotebookKind> detect_notebook(std::string_view file_name, std::string_view content) {
  constexpr std::string_view k_ipynb = ".ipynb";
  if (ends_with_ignore_case(file_name, k_ipynb)) {
    if (ends_with_ignore_case(file_name, ".designer.ipynb")) {
      return std::nullopt;
    }
    const auto document = Json::parse(content);
    return NotebookKind{.language = document ? language_of_ipynb(*document) : "PYTHON",
                        .is_ipynb = true,
                        .stem = std::string(file_name.substr(0, file_name.size() - k_ipynb.size()))};
  }
  const auto* language = by_extension(file_name);
  if (language == nullptr) {
    return std::nullopt;
  }
  if (content.starts_with("\xEF\xBB\xBF")) {
    content.remove_prefix(3);
  }
  const auto first_line = trim(content.substr(0, content.find('\n')));
  if (first_line != std::string(language->comment) + std::string(k_header)) {
    return std::nullopt;
  }
  return NotebookKind{.language = std::string(language->name),
                      .stem = std::string(file_name.substr(0, file_name.size() - language->extension.size()))};
}

Result<std::string> source_of_ipynb(std::string_view content) {
  PIER_TRY_ASSIGN(const auto document, Json::parse(content));
  const auto language = language_of_ipynb(document);
  std::string_view comment = "#";
  for (const auto& candidate : k_languages) {
    comment = candidate.name == language ? candidate.comment : comment;
  }
  std::string out = std::string(comment) + std::string(k_header) + "\n";
  const auto* cells = document.find("cells");
  bool first = true;
  for (const auto& cell : cells != nullptr && cells->is_array() ? cells->as_array() : Json::Array()) {
    if (!std::exchange(first, false)) {
      out += "\n" + std::string(comment) + " COMMAND ----------\n\n";
    }
    const auto text = text_of_cell(cell);
    if (cell.get_string("cell_type") == "code" && !text.starts_with('%')) {
      out += text + "\n";
    } else {
      append_magic(out, comment, cell.get_string("cell_type") == "markdown" ? "%md\n" + text : text);
    }
  }
  return out;
}

} // namespace pier::files
