#include "core/lake/sql/functions.hpp"

#include "core/base/text.hpp"
#include "core/lake/sql/function_rules.hpp"

#include <algorithm>
#include <array>

namespace pier::lake::sql {
namespace {

/// Java pattern letters in runs, and their strftime directives.
struct Pattern {
  std::string_view java;
  std::string_view strftime;
};

constexpr std::array k_patterns{
    Pattern{"yyyy", "%Y"}, Pattern{"yy", "%y"},  Pattern{"MMMM", "%B"},   Pattern{"MMM", "%b"}, Pattern{"MM", "%m"},
    Pattern{"M", "%-m"},   Pattern{"dd", "%d"},  Pattern{"d", "%-d"},     Pattern{"HH", "%H"},  Pattern{"H", "%-H"},
    Pattern{"hh", "%I"},   Pattern{"h", "%-I"},  Pattern{"mm", "%M"},     Pattern{"m", "%-M"},  Pattern{"ss", "%S"},
    Pattern{"s", "%-S"},   Pattern{"SSS", "%g"}, Pattern{"SSSSSS", "%f"}, Pattern{"a", "%p"},   Pattern{"EEEE", "%A"},
    Pattern{"E", "%a"},    Pattern{"EEE", "%a"}, Pattern{"DDD", "%j"},    Pattern{"y", "%Y"},   Pattern{"EE", "%a"},
};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

} // namespace

const FunctionRule* find_function(std::string_view name, std::size_t arguments) {
  const auto count = static_cast<int>(arguments);
  for (const auto rules : function_rules()) {
    for (const auto& rule : rules) {
      if (rule.name == name && count >= rule.least && (rule.most < 0 || count <= rule.most)) {
        return &rule;
      }
    }
  }
  return nullptr;
}

bool knows_function(std::string_view name) {
  const auto lists = function_rules();
  return std::any_of(lists.begin(), lists.end(), [&](const auto rules) {
    return std::any_of(rules.begin(), rules.end(), [&](const auto& rule) { return rule.name == name; });
  });
}

std::string nearest_function(std::string_view name) {
  std::vector<std::string> names;
  for (const auto rules : function_rules()) {
    for (const auto& rule : rules) {
      names.emplace_back(rule.name);
    }
  }
  return nearest(name, names);
}

std::string apply_rule(const FunctionRule& rule, const std::vector<std::string>& arguments) {
  std::string out;
  for (std::size_t i = 0; i < rule.text.size(); ++i) {
    if (rule.text[i] != '$' || i + 1 >= rule.text.size()) {
      out += rule.text[i];
      continue;
    }
    const char which = rule.text[++i];
    if (which == '*') {
      out += join(arguments, ", ");
    } else if (const auto index = static_cast<std::size_t>(which - '1'); index < arguments.size()) {
      out += arguments[index];
    }
  }
  return out;
}

std::optional<std::string> convert_date_pattern(std::string_view pattern) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    if (c == '\'') { // quoted text; '' is a quote
      const auto end = pattern.find('\'', i + 1);
      if (end == std::string_view::npos) {
        return std::nullopt;
      }
      out += end == i + 1 ? "'" : replace_all(std::string(pattern.substr(i + 1, end - i - 1)), "%", "%%");
      i = end + 1;
      continue;
    }
    if (!is_letter(c)) {
      if (c == '[' || c == ']' || c == '#' || c == '{' || c == '}') {
        return std::nullopt;
      }
      out += c == '%' ? "%%" : std::string(1, c);
      ++i;
      continue;
    }
    auto end = i;
    while (end < pattern.size() && pattern[end] == c) {
      ++end;
    }
    const auto run = pattern.substr(i, end - i);
    const auto known =
        std::find_if(k_patterns.begin(), k_patterns.end(), [&](const Pattern& entry) { return entry.java == run; });
    if (known == k_patterns.end()) {
      return std::nullopt;
    }
    out += known->strftime;
    i = end;
  }
  return out;
}

} // namespace pier::lake::sql
