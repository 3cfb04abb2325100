#include "cli/help.hpp"

#include "cli/global_options.hpp"
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace pier::cli {
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

std::string two_columns(const Lines& lines, const Style& style) {
  std::size_t width = 0;
  for (const auto& [left, right] : lines) {
    width = std::max(width, left.size());
  }
  std::string out;
  for (const auto& [left, right] : lines) {
    out += "  " + style.cyan(left) + std::string(width - left.size() + 2, ' ') + right + "\n";
  }
  return out;
}

Lines option_lines(std::span<const OptionSpec> options) {
  Lines lines;
  for (const auto& option : options) {
    if (option.hidden) {
      continue;
    }
    std::string left = option.short_name != 0 ? std::string{'-', option.short_name} + ", " : "    ";
    left += "--" + option.name + (option.value.empty() ? "" : " " + option.value);
    std::string right = option.help;
    if (!option.default_value.empty()) {
      right += " [" + option.default_value + "]";
    }
    lines.emplace_back(std::move(left), std::move(right));
  }
  return lines;
}

std::string usage_line(const CommandSpec& command) {
  std::string line = "pier " + command.name;
  for (const auto& positional : command.positionals) {
    const auto name = positional.name + (positional.repeatable ? "…" : "");
    line += positional.required ? " " + name : " [" + name + "]";
  }
  return line + " [options]";
}

/// Where a top-level command stands in the overview.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> k_sections = {{
    {"The journey", "init validate plan deploy status open logs destroy"},
    {"Data", "sql psql run migrate"},
    {"The local workspace", "local"},
    {"Help", "explain schema completion version"},
}};

bool has_word(std::string_view words, std::string_view word) {
  const auto padded = " " + std::string(words) + " ";
  return padded.find(" " + std::string(word) + " ") != std::string::npos;
}

std::string section(std::string_view title, const Lines& lines, const Style& style) {
  return lines.empty() ? std::string() : "\n" + style.bold(title) + "\n" + two_columns(lines, style);
}

} // namespace

std::string render_overview(std::span<const CommandSpec> commands, std::string_view group, const Style& style) {
  if (!group.empty()) {
    Lines lines;
    for (const auto& command : commands) {
      if (!command.hidden && command.name.substr(0, group.size() + 1) == std::string(group) + " ") {
        lines.emplace_back(command.name.substr(group.size() + 1), command.summary);
      }
    }
    return style.bold("Usage: ") + "pier " + std::string(group) + " COMMAND [options]\n" +
           section("Commands", lines, style);
  }
  std::string out = "pier takes a data app from an empty folder to production.\n\n" + style.bold("Usage: ") +
                    "pier COMMAND [options]\n";
  Lines rest;
  std::array<Lines, k_sections.size()> sections;
  for (const auto& command : commands) {
    if (command.hidden) {
      continue;
    }
    const auto first = std::string_view(command.name).substr(0, command.name.find(' '));
    const auto it = std::find_if(k_sections.begin(), k_sections.end(),
                                 [&](const auto& entry) { return has_word(entry.second, first); });
    auto& lines = it == k_sections.end() ? rest : sections[static_cast<std::size_t>(it - k_sections.begin())];
    lines.emplace_back(command.name, command.summary);
  }
  for (std::size_t i = 0; i < sections.size(); ++i) {
    out += section(k_sections[i].first, sections[i], style);
  }
  out += section("More", rest, style);
  out += section("Options of every command", option_lines(global_options()), style);
  return out + "\nSee `pier COMMAND --help`, and `pier explain CODE` for an error code.\n";
}

std::string render_command_help(const CommandSpec& command, const Style& style) {
  std::string out = command.summary + "\n";
  if (!command.description.empty()) {
    out += "\n" + command.description + "\n";
  }
  out += "\n" + style.bold("Usage: ") + usage_line(command) + "\n";
  Lines positionals;
  for (const auto& positional : command.positionals) {
    positionals.emplace_back(positional.name, positional.help);
  }
  out += section("Arguments", positionals, style);
  out += section("Options", option_lines(command.options), style);
  out += section("Options of every command", option_lines(global_options()), style);
  if (!command.examples.empty()) {
    out += "\n" + style.bold("Examples") + "\n";
    for (const auto& example : command.examples) {
      out += "  " + example + "\n";
    }
  }
  return out;
}

} // namespace pier::cli
