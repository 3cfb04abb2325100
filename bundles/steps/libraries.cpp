#include "bundles/steps/libraries.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>

namespace pier::bundles {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_alphanumeric(char c) {
  return is_letter(c) || is_digit(c);
}

bool skip(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) {
    return false;
  }
  text.remove_prefix(word.size());
  return true;
}

void skip_blank(std::string_view& text) {
  if (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
}

template <class Accept> std::size_t skip_while(std::string_view& text, Accept accept) {
  const auto end = static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), accept) - text.begin());
  text.remove_prefix(end);
  return end;
}

/// `[-_.]?word\d+`
bool skip_suffix(std::string_view& text, std::initializer_list<std::string_view> words) {
  auto rest = text;
  if (!rest.empty() && (rest.front() == '-' || rest.front() == '_' || rest.front() == '.')) {
    rest.remove_prefix(1);
  }
  for (const auto word : words) {
    auto behind = rest;
    if (skip(behind, word) && skip_while(behind, is_digit) > 0) {
      text = behind;
      return true;
    }
  }
  return false;
}

/// A version by PEP 440.
bool skip_version(std::string_view& text) {
  if (skip_while(text, is_digit) == 0) {
    return false;
  }
  if (skip(text, "!") && skip_while(text, is_digit) == 0) {
    return false;
  }
  while (text.size() > 1 && text[0] == '.' && is_digit(text[1])) {
    text.remove_prefix(1);
    skip_while(text, is_digit);
  }
  skip_suffix(text, {"a", "b", "rc"});
  skip_suffix(text, {"post"});
  skip_suffix(text, {"dev"});
  if (skip(text, "+")) {
    return skip_while(text, [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; }) > 0;
  }
  return true;
}

/// Name, extras and version conditions of an index package: "pandas[excel] >=2.0,<3".
bool is_package(std::string_view text) {
  if (skip_while(text, [](char c) { return is_alphanumeric(c) || c == '-' || c == '_'; }) == 0) {
    return false;
  }
  skip_blank(text);
  if (text.starts_with('[')) {
    const auto close = text.rfind(']');
    if (close == std::string_view::npos) {
      return false;
    }
    text.remove_prefix(close + 1);
  }
  skip_blank(text);
  static constexpr std::array<std::string_view, 7> k_operators = {"==", "!=", "<=", ">=", "~=", ">", "<"};
  while (!text.empty()) {
    const bool known =
        std::any_of(k_operators.begin(), k_operators.end(), [&](std::string_view word) { return skip(text, word); });
    if (!known) {
      return false;
    }
    skip_blank(text);
    if (!skip_version(text)) {
      return false;
    }
    skip(text, ",");
  }
  return true;
}

bool is_remote_storage(std::string_view text) {
  const auto scheme = url_scheme(text);
  return !scheme.empty() && scheme != "file" && text.substr(scheme.size()).starts_with(":/");
}

/// A word that starts with `-`, followed by a blank, `=` or the end.
bool has_pip_flag(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool word_start = at == 0 || text[at - 1] == ' ' || text[at - 1] == '\t';
    if (!word_start || text[at] != '-') {
      continue;
    }
    auto rest = text.substr(at);
    skip(rest, "--") || skip(rest, "-");
    const auto length = skip_while(rest, [](char c) { return is_alphanumeric(c) || c == '-'; });
    if (length > 0 && (rest.empty() || rest.front() == ' ' || rest.front() == '=' || rest.front() == '|')) {
      return true;
    }
  }
  return false;
}

} // namespace

std::string_view url_scheme(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_letter(c)) {
      continue;
    }
    if (c == ':') {
      return text.substr(0, i);
    }
    const bool allowed = i > 0 && (is_digit(c) || c == '+' || c == '-' || c == '.');
    if (!allowed) {
      return {};
    }
  }
  return {};
}

bool is_local_path(std::string_view text) {
  while (!text.empty() && (text.front() == '"' || text.front() == '\'')) {
    text.remove_prefix(1);
  }
  return !text.starts_with("file://") && !is_remote_storage(text) && !text.starts_with('/');
}

bool is_local_library(std::string_view dependency) {
  if (dependency.empty()) {
    return false;
  }
  if (dependency.front() == '.') {
    return true;
  }
  if (has_pip_flag(dependency) || is_package(dependency)) {
    return false;
  }
  const auto at = dependency.find(" @ ");
  if (at != std::string_view::npos && dependency.find(" @ ", at + 3) == std::string_view::npos &&
      is_package(dependency.substr(0, at)) && is_remote_storage(dependency.substr(at + 3))) {
    return false;
  }
  return is_local_path(dependency);
}

std::optional<PipFlag> local_pip_flag(std::string_view dependency) {
  for (const std::string_view flag : {"-r", "-e"}) {
    if (dependency.starts_with(std::string(flag) + " ")) {
      const auto path = trim(dependency.substr(flag.size()));
      if (is_local_path(path)) {
        return PipFlag{std::string(flag), std::string(path)};
      }
    }
  }
  return std::nullopt;
}

} // namespace pier::bundles
