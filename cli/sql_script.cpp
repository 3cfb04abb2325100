#include "cli/sql_script.hpp"

#include "core/base/text.hpp"

namespace pier::cli {
namespace {

/// Position after the text or name that begins at `at`; npos when it does not end.
std::size_t skip_quoted(std::string_view script, std::size_t at) {
  const char quote = script[at];
  for (auto i = at + 1; i < script.size(); ++i) {
    if (script[i] == '\\' && quote != '`') {
      ++i;
    } else if (script[i] == quote) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

std::size_t skip_comment(std::string_view script, std::size_t at) {
  if (script[at] == '-') {
    return std::min(script.find('\n', at), script.size());
  }
  int depth = 0;
  for (auto i = at; i + 1 < script.size(); ++i) {
    if (script.substr(i, 2) == "/*") {
      ++depth;
      ++i;
    } else if (script.substr(i, 2) == "*/") {
      ++i;
      if (--depth == 0) {
        return i + 1;
      }
    }
  }
  return script.size();
}

void add(std::vector<std::string>& out, std::string_view text, bool has_code) {
  if (has_code) {
    out.emplace_back(trim(text));
  }
}

/// `a`.`b` or a.b
std::vector<std::string> name_parts(std::string_view text) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (const char c : text) {
    if (c == '`') {
      quoted = !quoted;
    } else if (c == '.' && !quoted) {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

} // namespace

Result<std::vector<std::string>> split_sql_script(std::string_view script) {
  std::vector<std::string> out;
  std::size_t begin = 0;
  bool has_code = false;
  for (std::size_t i = 0; i < script.size();) {
    const char c = script[i];
    if (c == '\'' || c == '"' || c == '`') {
      has_code = true;
      i = skip_quoted(script, i);
      if (i == std::string_view::npos) {
        return Error{.kind = ErrorKind::usage,
                     .code = "PIER0030",
                     .message = "the script ends inside a text or a quoted name",
                     .hint = std::string("close it with ") + c};
      }
    } else if ((c == '-' || c == '/') && i + 1 < script.size() && script[i + 1] == (c == '-' ? '-' : '*')) {
      i = skip_comment(script, i);
    } else if (c == ';') {
      add(out, script.substr(begin, i - begin), has_code);
      begin = ++i;
      has_code = false;
    } else {
      has_code = has_code || (c != ' ' && c != '\t' && c != '\n' && c != '\r');
      ++i;
    }
  }
  add(out, script.substr(begin), has_code);
  return out;
}

UsedNames used_names(std::string_view statement) {
  std::vector<std::string> words;
  for (const auto& word : split(replace_all(std::string(statement), "\n", " "), ' ')) {
    if (!word.empty()) {
      words.push_back(word);
    }
  }
  if (words.size() < 2 || words.size() > 3 || !equals_ignore_case(words[0], "USE")) {
    return {};
  }
  const auto parts = name_parts(words.back());
  if (words.size() == 3 && equals_ignore_case(words[1], "CATALOG")) {
    return {.catalog = parts[0], .schema = "default"};
  }
  return parts.size() == 2 ? UsedNames{.catalog = parts[0], .schema = parts[1]} : UsedNames{.schema = parts[0]};
}

} // namespace pier::cli
