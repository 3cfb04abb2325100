#include "core/scaffold/pattern.hpp"

#include <regex>

namespace pier::scaffold {

namespace {

constexpr std::size_t k_max_subject = 4096;

Result<void> check(std::string_view subject) {
  if (subject.size() > k_max_subject) {
    return Error{
        .kind = ErrorKind::too_large, .code = "PIER5003", .message = "the text to match is longer than 4096 bytes"};
  }
  return {};
}

Error too_complex(const std::string& expression) {
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "PIER5003",
               .message = "the regular expression \"" + expression + "\" is too complex for this text"};
}

/// Go writes ${1} or $1 for groups, and nothing else is special.
std::string to_ecmascript(std::string_view replacement) {
  std::string out;
  for (std::size_t i = 0; i < replacement.size(); ++i) {
    if (replacement[i] != '$') {
      out += replacement[i];
      continue;
    }
    const bool braces = i + 1 < replacement.size() && replacement[i + 1] == '{';
    auto digits = i + (braces ? 2 : 1);
    std::string number;
    while (digits < replacement.size() && replacement[digits] >= '0' && replacement[digits] <= '9') {
      number += replacement[digits++];
    }
    if (number.empty()) {
      out += "$$";
      continue;
    }
    out += number == "0" ? "$&" : "$" + number;
    i = braces ? digits : digits - 1;
  }
  return out;
}

} // namespace

struct Pattern::Compiled {
  std::regex regex;
};

Result<Pattern> Pattern::compile(std::string_view expression) {
  Pattern out;
  out.expression_ = expression;
  if (expression.size() > k_max_subject) {
    return too_complex(out.expression_.substr(0, 40) + "…");
  }
  try {
    out.compiled_ = std::make_shared<const Compiled>(Compiled{std::regex(out.expression_)});
  } catch (const std::regex_error&) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER5003",
                 .message = "\"" + out.expression_ + "\" is no regular expression that pier understands"};
  }
  return out;
}

Result<bool> Pattern::matches(std::string_view subject) const {
  PIER_TRY(check(subject));
  try {
    return std::regex_search(subject.begin(), subject.end(), compiled_->regex);
  } catch (const std::regex_error&) {
    return too_complex(expression_);
  }
}

Result<std::vector<std::string>> Pattern::find(std::string_view subject) const {
  PIER_TRY(check(subject));
  std::vector<std::string> out;
  std::match_results<std::string_view::const_iterator> match;
  try {
    if (std::regex_search(subject.begin(), subject.end(), match, compiled_->regex)) {
      for (const auto& group : match) {
        out.push_back(group.str());
      }
    }
  } catch (const std::regex_error&) {
    return too_complex(expression_);
  }
  return out;
}

Result<std::string> Pattern::replace_all(std::string_view subject, std::string_view replacement) const {
  PIER_TRY(check(subject));
  try {
    return std::regex_replace(std::string(subject), compiled_->regex, to_ecmascript(replacement));
  } catch (const std::regex_error&) {
    return too_complex(expression_);
  }
}

} // namespace pier::scaffold
