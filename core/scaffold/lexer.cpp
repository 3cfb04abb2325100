#include "core/scaffold/lexer.hpp"

#include <algorithm>
#include <cctype>

namespace pier::scaffold {

namespace {

constexpr std::string_view k_spaces = " \t\r\n";

bool is_space(char c) {
  return k_spaces.find(c) != std::string_view::npos;
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

void append_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

class Lexer {
 public:
  Lexer(std::string_view file, std::string_view source)
      : file_(file),
        source_(source) {}

  Result<std::vector<Token>> run() {
    while (position_ < source_.size()) {
      const auto open = source_.find("{{", position_);
      const auto text_end = open == std::string_view::npos ? source_.size() : open;
      const bool trims_left = open != std::string_view::npos && trims_at(open + 2);
      add_text(position_, text_end, trims_left);
      if (open == std::string_view::npos) {
        break;
      }
      position_ = open + 2 + (trims_left ? 1 : 0);
      PIER_TRY(action(open));
    }
    tokens_.push_back({TokenKind::end, {}, source_.size(), false});
    return std::move(tokens_);
  }

 private:
  /// A `-` followed by white space right after {{.
  [[nodiscard]] bool trims_at(std::size_t at) const {
    return at + 1 < source_.size() && source_[at] == '-' && is_space(source_[at + 1]);
  }

  void add_text(std::size_t begin, std::size_t end, bool trim_right) {
    if (trim_next_) {
      while (begin < end && is_space(source_[begin])) {
        ++begin;
      }
    }
    trim_next_ = false;
    if (trim_right) {
      while (end > begin && is_space(source_[end - 1])) {
        --end;
      }
    }
    if (end > begin) {
      tokens_.push_back({TokenKind::text, std::string(source_.substr(begin, end - begin)), begin, false});
    }
  }

  Result<void> action(std::size_t open) {
    auto comment = position_;
    while (comment < source_.size() && is_space(source_[comment]) && comment > open + 2) {
      ++comment; // `{{- /* … */ -}}`
    }
    if (source_.substr(comment, 2) == "/*") {
      return skip_comment(comment);
    }
    tokens_.push_back({TokenKind::open, {}, open, false});
    while (true) {
      const bool space = skip_spaces();
      if (position_ >= source_.size()) {
        return fail(open, "the action that begins here is never closed with }}");
      }
      if (close(space)) {
        return {};
      }
      PIER_TRY(token(space));
    }
  }

  /// Consumes "}}" or " -}}".
  bool close(bool space) {
    if (source_.substr(position_, 2) == "}}") {
      tokens_.push_back({TokenKind::close, {}, position_, space});
      position_ += 2;
      return true;
    }
    if (space && source_.substr(position_, 3) == "-}}") {
      tokens_.push_back({TokenKind::close, {}, position_, space});
      position_ += 3;
      trim_next_ = true;
      return true;
    }
    return false;
  }

  Result<void> skip_comment(std::size_t begin) {
    const auto end = source_.find("*/", begin + 2);
    if (end == std::string_view::npos) {
      return fail(begin, "the comment that begins here is never closed with */");
    }
    position_ = end + 2;
    const bool space = skip_spaces();
    if (!close(space)) {
      return fail(end, "a comment must end its action: */}}");
    }
    tokens_.pop_back(); // the close
    return {};
  }

  bool skip_spaces() {
    const auto begin = position_;
    while (position_ < source_.size() && is_space(source_[position_])) {
      ++position_;
    }
    return position_ > begin;
  }

  void add(TokenKind kind, std::size_t begin, bool space, std::string text = {}) {
    tokens_.push_back({kind, std::move(text), begin, space});
  }

  Result<void> token(bool space) {
    const auto begin = position_;
    const char c = source_[begin];
    const char next = begin + 1 < source_.size() ? source_[begin + 1] : '\0';
    switch (c) {
    case '"': return quoted(space);
    case '`': return raw_quoted(space);
    case '\'': return character(space);
    case '(': return single(TokenKind::left_paren, space);
    case ')': return single(TokenKind::right_paren, space);
    case '|': return single(TokenKind::pipe, space);
    case ',': return single(TokenKind::comma, space);
    case '=': return single(TokenKind::assign, space);
    case ':':
      if (next == '=') {
        position_ += 2;
        add(TokenKind::declare, begin, space);
        return {};
      }
      break;
    case '$':
      ++position_;
      add(TokenKind::variable, begin, space, "$" + take_word());
      return {};
    case '.':
      if (is_digit(next)) {
        return number(space);
      }
      ++position_;
      if (is_word(next)) {
        add(TokenKind::field, begin, space, take_word());
      } else {
        add(TokenKind::dot, begin, space);
      }
      return {};
    default: break;
    }
    if (is_digit(c) || ((c == '-' || c == '+') && (is_digit(next) || next == '.'))) {
      return number(space);
    }
    if (is_word(c)) {
      add(TokenKind::word, begin, space, take_word());
      return {};
    }
    return fail(begin, std::string("unexpected character '") + c + "'");
  }

  Result<void> single(TokenKind kind, bool space) {
    add(kind, position_, space);
    ++position_;
    return {};
  }

  std::string take_word() {
    const auto begin = position_;
    while (position_ < source_.size() && is_word(source_[position_])) {
      ++position_;
    }
    return std::string(source_.substr(begin, position_ - begin));
  }

  Result<void> number(bool space) {
    const auto begin = position_;
    ++position_;
    while (position_ < source_.size()) {
      const char c = source_[position_];
      const char before = source_[position_ - 1];
      const bool sign = (c == '-' || c == '+') && (before == 'e' || before == 'E');
      if (!is_word(c) && c != '.' && !sign) {
        break;
      }
      ++position_;
    }
    add(TokenKind::number, begin, space, std::string(source_.substr(begin, position_ - begin)));
    return {};
  }

  Result<void> raw_quoted(bool space) {
    const auto begin = position_;
    const auto end = source_.find('`', begin + 1);
    if (end == std::string_view::npos) {
      return fail(begin, "the raw string that begins here is never closed");
    }
    position_ = end + 1;
    add(TokenKind::quoted, begin, space, std::string(source_.substr(begin + 1, end - begin - 1)));
    return {};
  }

  Result<void> quoted(bool space) {
    const auto begin = position_++;
    std::string text;
    while (position_ < source_.size() && source_[position_] != '\n') {
      const char c = source_[position_++];
      if (c == '"') {
        add(TokenKind::quoted, begin, space, std::move(text));
        return {};
      }
      if (c != '\\') {
        text += c;
        continue;
      }
      PIER_TRY(escape(text));
    }
    return fail(begin, "the string that begins here is never closed");
  }

  Result<void> character(bool space) {
    const auto begin = position_++;
    std::string text;
    if (position_ < source_.size() && source_[position_] == '\\') {
      ++position_;
      PIER_TRY(escape(text));
    } else {
      do { // one UTF-8 character
        text += position_ < source_.size() ? source_[position_] : '\0';
        ++position_;
      } while (position_ < source_.size() && (static_cast<unsigned char>(source_[position_]) & 0xC0) == 0x80);
    }
    if (position_ >= source_.size() || source_[position_] != '\'') {
      return fail(begin, "a character constant holds one character: 'x'");
    }
    ++position_;
    add(TokenKind::character, begin, space, std::move(text));
    return {};
  }

  /// After a backslash (Go's escapes).
  Result<void> escape(std::string& text) {
    const auto begin = position_ - 1;
    if (position_ >= source_.size()) {
      return fail(begin, "unfinished escape");
    }
    static constexpr std::string_view names = "abfnrtv\\'\"";
    static constexpr std::string_view values = "\a\b\f\n\r\t\v\\'\"";
    const char c = source_[position_++];
    if (const auto index = names.find(c); index != std::string_view::npos) {
      text += values[index];
      return {};
    }
    const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (digits == 0 || position_ + digits > source_.size()) {
      return fail(begin, std::string("unknown escape \\") + c);
    }
    std::uint32_t code = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const char digit = source_[position_++];
      if (std::isxdigit(static_cast<unsigned char>(digit)) == 0) {
        return fail(begin, "an escape holds hexadecimal digits");
      }
      const int value = is_digit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;
      code = (code << 4) | static_cast<std::uint32_t>(value);
    }
    if (c == 'x') {
      text += static_cast<char>(code);
    } else if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
      return fail(begin, "the escape is no Unicode character");
    } else {
      append_utf8(text, code);
    }
    return {};
  }

  [[nodiscard]] Error fail(std::size_t offset, std::string what) const {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER5001",
                 .message = position_text(file_, source_, offset) + ": " + std::move(what)};
  }

  std::string_view file_;
  std::string_view source_;
  std::size_t position_ = 0;
  bool trim_next_ = false;
  std::vector<Token> tokens_;
};

} // namespace

Result<std::vector<Token>> tokenize(std::string_view file, std::string_view source) {
  return Lexer(file, source).run();
}

std::string position_text(std::string_view file, std::string_view source, std::size_t offset) {
  const auto before = source.substr(0, std::min(offset, source.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const auto line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  const auto rest = before.substr(line_start);
  const auto column = 1 + std::count_if(rest.begin(), rest.end(),
                                        [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  return std::string(file) + ":" + std::to_string(line) + ":" + std::to_string(column);
}

} // namespace pier::scaffold
