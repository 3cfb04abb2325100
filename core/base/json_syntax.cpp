#include "core/base/json_syntax.hpp"

#include <vector>

namespace pier {
namespace {

constexpr std::string_view k_end = "unexpected end of JSON input";

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

std::string quoted(char c) {
  switch (c) {
  case '\'': return R"('\'')";
  case '\\': return R"('\\')";
  case '\n': return R"('\n')";
  case '\r': return R"('\r')";
  case '\t': return R"('\t')";
  default: break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x20 && byte < 0x7F) {
    return std::string("'") + c + "'";
  }
  // A byte counts as the code point of its value, which is Latin-1.
  if (byte > 0xA0 && byte != 0xAD) {
    const std::string utf8 = {static_cast<char>(0xC0U | (byte >> 6U)), static_cast<char>(0x80U | (byte & 0x3FU))};
    return "'" + utf8 + "'";
  }
  static constexpr std::string_view k_digits = "0123456789abcdef";
  return std::string(byte < 0x80 ? "'\\x" : "'\\u00") + k_digits[byte >> 4U] + k_digits[byte & 0xFU] + "'";
}

/// Walks over one text; every step says what it minds.
class Scanner {
 public:
  explicit Scanner(std::string_view text)
      : text_(text) {}

  std::optional<std::string> run() {
    if (!value()) {
      return problem_;
    }
    skip_space();
    return at_end() ? std::nullopt : (minds("after top-level value"), std::optional(problem_));
  }

 private:
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }

  void skip_space() {
    while (!at_end() && is_space(text_[at_])) {
      ++at_;
    }
  }

  bool minds(std::string_view where) {
    problem_ = at_end() ? std::string(k_end) : "invalid character " + quoted(text_[at_]) + " " + std::string(where);
    return false;
  }

  /// In the middle of a word or number the end of the text counts as a blank.
  bool minds_inside(std::string_view where) {
    problem_ = "invalid character " + quoted(at_end() ? ' ' : text_[at_]) + " " + std::string(where);
    return false;
  }

  bool take(char c) {
    if (at_end() || text_[at_] != c) {
      return false;
    }
    ++at_;
    return true;
  }

  /// Containers are kept on a stack of their own, so that depth costs no calls.
  bool value() {
    std::vector<char> open;
    while (true) {
      skip_space();
      if (take('{')) {
        skip_space();
        if (!take('}')) {
          open.push_back('}');
          if (!key()) {
            return false;
          }
          continue;
        }
      } else if (take('[')) {
        skip_space();
        if (!take(']')) {
          open.push_back(']');
          continue;
        }
      } else if (!scalar()) {
        return false;
      }
      if (!close(open)) {
        return false;
      }
      if (open.empty()) {
        return true;
      }
    }
  }

  /// Behind a value: closes what ends here, and goes on to the next value of what stays open.
  bool close(std::vector<char>& open) {
    while (!open.empty()) {
      skip_space();
      if (take(open.back())) {
        open.pop_back();
        continue;
      }
      const bool object = open.back() == '}';
      if (!take(',')) {
        return minds(object ? "after object key:value pair" : "after array element");
      }
      return !object || key();
    }
    return true;
  }

  bool key() {
    skip_space();
    if (at_end() || text_[at_] != '"') {
      return minds("looking for beginning of object key string");
    }
    if (!string()) {
      return false;
    }
    skip_space();
    return take(':') || minds("after object key");
  }

  bool scalar() {
    if (at_end()) {
      return minds({});
    }
    switch (text_[at_]) {
    case '"': return string();
    case 't': return literal("true");
    case 'f': return literal("false");
    case 'n': return literal("null");
    case '-': return number();
    default: return is_digit(text_[at_]) ? number() : minds("looking for beginning of value");
    }
  }

  bool literal(std::string_view word) {
    for (std::size_t i = 0; i < word.size(); ++i) {
      if (!take(word[i])) {
        return minds_inside("in literal " + std::string(word) + " (expecting " + quoted(word[i]) + ")");
      }
    }
    return true;
  }

  bool string() {
    ++at_;
    while (!at_end()) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20) {
        return minds("in string literal");
      }
      ++at_;
      if (c == '\\' && !escape()) {
        return false;
      }
    }
    return minds({});
  }

  bool escape() {
    if (at_end() || std::string_view("\"\\/bfnrtu").find(text_[at_]) == std::string_view::npos) {
      return minds_inside("in string escape code");
    }
    if (text_[at_++] != 'u') {
      return true;
    }
    for (int i = 0; i < 4; ++i, ++at_) {
      if (at_end() || !is_hex(text_[at_])) {
        return minds_inside("in \\u hexadecimal character escape");
      }
    }
    return true;
  }

  bool digits(std::string_view where) {
    if (at_end() || !is_digit(text_[at_])) {
      return minds_inside(where);
    }
    while (!at_end() && is_digit(text_[at_])) {
      ++at_;
    }
    return true;
  }

  bool number() {
    take('-');
    if (!take('0') && !digits("in numeric literal")) {
      return false;
    }
    if (take('.') && !digits("after decimal point in numeric literal")) {
      return false;
    }
    if (take('e') || take('E')) {
      if (!take('+')) {
        take('-');
      }
      return digits("in exponent of numeric literal");
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string problem_;
};

} // namespace

std::optional<std::string> json_syntax_problem(std::string_view text) {
  return Scanner(text).run();
}

} // namespace pier
